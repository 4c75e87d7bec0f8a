/**
 * Ads before the stream, for sessions whose playback configuration has them: a break of one session alone, asked for when
 * it begins, and in its playlist from the next segment on that begins when all is at hand.
 *
 * Segments that were listed before stay content: a session never has other numbers than the stream.
 *
 * Reference: ssai §3.4 (live pre-roll), §3.10.
 */
import type { AdBreak } from '../../domain/ad-break.ts'
import type { AdSession } from './ad-session.ts'
import type { BreakRun, ReadyGroup } from './break-run.ts'
import type { GridSegment } from './content-grid.ts'

/** What the break is called in every session. */
export const PRE_ROLL_ID = 'aws-mediatailor-preroll-1'

/** What can begin with a segment. */
export type ReadyPreRoll = { readonly adBreak: AdBreak; readonly group: ReadyGroup }

/**
 * The break before the stream of a session that begins now.
 *
 * @param newest segment of the content that began last.
 */
export function preRollBreak(durationSeconds: number, newest: GridSegment, nowMs: number): AdBreak {
  return {
    id: PRE_ROLL_ID,
    rollType: 'PREROLL',
    durationSeconds,
    insertedAtMs: nowMs,
    // Any later segment will do.
    targetStartMs: newest.programDateTimeMs + 1,
    endsAtMs: nowMs + durationSeconds * 1000,
  }
}

/** The breaks before one stream that are being decided. */
export class PreRolls {
  readonly #runs = new Map<AdSession, BreakRun>()

  /** Asks what `session` sees first. */
  begin(session: AdSession, run: BreakRun): void {
    this.#runs.set(session, run)
    run.ask(session)
  }

  /** A segment of the content begins: what begins with it, in place of it. */
  at(segment: GridSegment): readonly ReadyPreRoll[] {
    const ready: ReadyPreRoll[] = []
    for (const [session, run] of this.#runs) {
      for (const group of run.at(segment)) ready.push({ adBreak: run.adBreak, group })
      const isDone = run.isOver || !run.mayBegin(segment.programDateTimeMs, 0)
      if (!isDone || segment.programDateTimeMs < run.adBreak.targetStartMs) continue
      run.finish()
      this.#runs.delete(session)
    }
    return ready
  }

  /** Whether ads may begin for `session` with the next segment that begins. */
  mayBegin(session: AdSession): boolean {
    return this.#runs.has(session)
  }

  /** Nothing begins any more. */
  close(): void {
    for (const run of this.#runs.values()) run.close()
    this.#runs.clear()
  }
}
