/**
 * The breaks of one stream for players that put ads in by themselves: what their playlists say about a break, and which
 * ads a session gets when its player asks for them.
 *
 * Those playlists hold content alone, and one date range for each break from its announcement on. Ads are decided when
 * the player asks, or ahead, once for each session and break. A break that turns out to be without ads is told no longer: hls.js
 * stops for an empty one too.
 *
 * Spec: rfc8216bis appendix D. Reference: ssai §3.10, §7.5.
 */
import type { Clock } from '../../base/clock.ts'
import type { AdBreak, AdRollType } from '../../domain/ad-break.ts'
import type { ShownDateRange } from '../../domain/viewer-ads.ts'
import type { AdDecider } from '../ad-decider.ts'
import { CONTENT, type AdDecision } from '../ad-decision.ts'
import type { AdProfile } from '../creative-library.ts'
import type { AdSession } from './ad-session.ts'
import { boundaryAfter, type GridSegment } from './content-grid.ts'
import { Program } from './program.ts'

/** A break as it was announced. */
export type GuidedBreak = {
  readonly adBreak: AdBreak
  readonly profile: AdProfile
  /** Length of the content's segments, milliseconds. */
  readonly segmentMs: number
}

/** Players wait for their list of ads; what is not decided by then is not played. */
const MAX_DECISION_MS = 4000
/** Breaks remembered, of a stream and of each session. */
const MAX_BREAKS = 16
/** Lists of breaks whose views are kept: sessions differ in what comes before the stream, and in which breaks they still list. */
const MAX_PROGRAMS = 64
const INTERSTITIAL = 'com.apple.hls.interstitial'
/** When players put it in: at its time, or before and after everything, whatever its time is. */
const CUES: Readonly<Record<AdRollType, Readonly<Record<string, string>>>> = {
  PREROLL: { CUE: 'PRE,ONCE' },
  MIDROLL: { 'X-SNAP': 'OUT,IN' },
  POSTROLL: { CUE: 'POST' },
}

/** The guided breaks of one stream. */
export class GuidedBreaks {
  readonly #decider: AdDecider
  readonly #clock: Clock
  readonly #decisions = new WeakMap<AdSession, Map<string, Promise<AdDecision>>>()
  /** Breaks before the stream, each of one session. */
  readonly #offered = new WeakMap<AdSession, GuidedBreak>()
  /** Breaks that were decided to be without ads. */
  readonly #empty = new WeakMap<AdSession, Set<string>>()
  readonly #programs = new Map<string, Program>()
  #breaks: readonly GuidedBreak[] = []

  constructor(decider: AdDecider, clock: Clock) {
    this.#decider = decider
    this.#clock = clock
  }

  /**
   * A break is announced; one inside the stream begins where a segment does, as far as `newest` tells: hls.js lays ads to
   * the time that it is told first, and a hole remains behind them when the content comes to another.
   */
  add({ adBreak, ...announced }: GuidedBreak, newest?: GridSegment): void {
    const { targetStartMs, endsAtMs } = adBreak
    const laterMs = newest ? boundaryAfter(newest, targetStartMs) - targetStartMs : 0
    const onBoundary = { ...adBreak, targetStartMs: targetStartMs + laterMs, endsAtMs: endsAtMs + laterMs }
    this.#breaks = [...this.#breaks, { ...announced, adBreak: onBoundary }].slice(-MAX_BREAKS)
  }

  /** A break that only `session` has. */
  offer(session: AdSession, offered: GuidedBreak): void {
    this.#offered.set(session, offered)
  }

  /**
   * What the playlist of `session` says, when its first segment begins at `firstListedMs`: breaks that reach into it, and
   * those before and after the stream.
   */
  listed(session: AdSession, firstListedMs: number): readonly AdBreak[] {
    const empty = this.#empty.get(session)
    return this.#of(session)
      .map(({ adBreak }) => adBreak)
      .filter(({ id, rollType, endsAtMs }) => {
        const isInside = rollType !== 'MIDROLL' || endsAtMs > firstListedMs
        return isInside && empty?.has(id) !== true
      })
  }

  /**
   * What sessions see whose playlists tell of `breaks`: the content, in views of their own, because a print of the content
   * or of other breaks says something else.
   */
  programOf(breaks: readonly AdBreak[]): Program {
    const key = breaks.map(({ id, durationSeconds }) => `${id} ${durationSeconds}`).join(' ')
    let program = this.#programs.get(key)
    if (!program) {
      program = new Program([])
      this.#programs.set(key, program)
      const [oldest] = this.#programs.keys()
      if (this.#programs.size > MAX_PROGRAMS && oldest !== undefined) this.#programs.delete(oldest)
    }
    return program
  }

  /** The ads of a break for one session, asked for the first time or known; undefined for an unknown break. */
  decide(session: AdSession, breakId: string): Promise<AdDecision> | undefined {
    const announced = this.#of(session).find(({ adBreak }) => adBreak.id === breakId)
    if (!announced) return undefined
    const decisions = this.#decisions.get(session) ?? new Map<string, Promise<AdDecision>>()
    this.#decisions.set(session, decisions)
    let decision = decisions.get(breakId)
    if (!decision) {
      decision = this.#ask(session, announced)
      decisions.set(breakId, decision)
      const [oldest] = decisions.keys()
      if (decisions.size > MAX_BREAKS && oldest !== undefined) decisions.delete(oldest)
    }
    return decision
  }

  #of(session: AdSession): readonly GuidedBreak[] {
    const offered = this.#offered.get(session)
    return offered ? [offered, ...this.#breaks] : this.#breaks
  }

  async #ask(session: AdSession, { adBreak, profile, segmentMs }: GuidedBreak): Promise<AdDecision> {
    const { targetStartMs, durationSeconds } = adBreak
    const asked = this.#decider.decide({
      viewer: session.viewer,
      adBreak,
      durationMs: durationSeconds * 1000,
      segmentMs,
      contentTimeMs: targetStartMs,
      breakIndex: session.breaks++,
      profile,
      dueMonotonicMs: this.#clock.monotonicMs() + MAX_DECISION_MS,
    })
    const decision = await asked.catch(() => CONTENT)
    if (decision.items.length === 0) this.#withdraw(session, adBreak.id)
    return decision
  }

  #withdraw(session: AdSession, breakId: string): void {
    const empty = this.#empty.get(session) ?? new Set()
    this.#empty.set(session, empty.add(breakId))
    const [oldest] = empty
    if (empty.size > MAX_BREAKS && oldest !== undefined) empty.delete(oldest)
  }
}

/** What a playlist says about a break. The list of its ads is each session's own. */
export function interstitialRange({ id, rollType, targetStartMs, durationSeconds }: AdBreak): ShownDateRange {
  return {
    // Before whatever is listed first: players have to know of it ahead.
    msn: 0,
    id: `ad-break-${id}`,
    className: INTERSTITIAL,
    startMs: rollType === 'PREROLL' ? 0 : targetStartMs,
    durationMs: durationSeconds * 1000,
    attributes: { 'X-RESTRICT': 'SKIP,JUMP', ...CUES[rollType] },
    isOwn: true,
  }
}
