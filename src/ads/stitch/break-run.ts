/**
 * One ad break from the moment it is announced: asks what each session sees, has the creatives at hand, and gives out at
 * each segment what begins there.
 *
 * What is not decided, or not at hand, when the break begins is content for the whole break. Only sessions that joined
 * after the announcement, or whose ads may not stand before a moment inside the break, begin later, with as many quarters
 * of the break as the rest of it reaches into.
 *
 * Reference: ssai §1.6, §7.2, §7.4.
 */
import type { Clock } from '../../base/clock.ts'
import { remainingQuartersMs, type AdBreak } from '../../domain/ad-break.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecider, PrefetchedAds } from '../ad-decider.ts'
import { CONTENT, type AdDecision, type PodItem } from '../ad-decision.ts'
import type { AdProfile, CreativeLibrary, HeldCreative, LoadedCreative } from '../creative-library.ts'
import { inSteps } from '../in-steps.ts'
import type { AdSession } from './ad-session.ts'
import type { GridSegment } from './content-grid.ts'
import type { GuidedBreak } from './guided-breaks.ts'

/** What a break needs. */
export type BreakRunOptions = {
  readonly adBreak: AdBreak
  readonly decider: AdDecider
  readonly library: Pick<CreativeLibrary, 'load'>
  readonly profile: AdProfile
  /** What is kept for a session since before the break; default nothing. */
  readonly prefetchedFor?: ((session: AdSession) => readonly PrefetchedAds[]) | undefined
  readonly clock: Clock
  /** Length of the content's segments, milliseconds. */
  readonly segmentMs: number
  /** Told at the end who was decided for and saw content. */
  readonly onUnfilled: (unfilled: UnfilledBreak) => void
}

/** So many viewers with the same to fill saw content alone, though their configuration was asked. */
export type UnfilledBreak = {
  readonly configurationName: string
  readonly durationMs: number
  readonly viewers: number
}

/** A session and what was decided for it. */
export type DecidedSession = {
  readonly session: AdSession
  readonly decision: AdDecision
  readonly isLate: boolean
}

/** Sessions that see the same, with creatives at hand. */
export type ReadyGroup = {
  readonly members: readonly DecidedSession[]
  readonly creatives: ReadonlyMap<string, LoadedCreative>
  readonly limitTicks: number
  /** Call once the creatives are not shown any more. */
  readonly release: () => void
}

type Group = {
  members: DecidedSession[]
  readonly limitTicks: number
  /** Wall clock of the content that it may begin with at the earliest; milliseconds since the Unix epoch. */
  readonly fromMs: number
  creatives: ReadonlyMap<string, LoadedCreative> | undefined
  release: () => void
}

/** A late joiner's decision is worth waiting for so long. */
const MAX_LATE_DECISION_MS = 8000

/** A break that is announced or runs. */
export class BreakRun {
  readonly adBreak: AdBreak
  readonly #options: BreakRunOptions
  readonly #groups = new Map<string, Group>()
  /** Decisions that nothing has begun of, by what was decided on. */
  readonly #unfilled = new Map<string, UnfilledBreak>()
  #pending = 0
  #onSettled: (() => void) | undefined
  #hasBegun = false
  #isOver = false

  constructor(options: BreakRunOptions) {
    this.adBreak = options.adBreak
    this.#options = options
  }

  /** Whether nothing can begin any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether it may begin within `leadMs` after `timeMs`, or sessions that joined late may at any time. */
  mayBegin(timeMs: number, leadMs: number): boolean {
    const untilMs = timeMs + leadMs
    if (!this.#hasBegun) return untilMs >= this.adBreak.targetStartMs
    return this.#pending > 0 || [...this.#groups.values()].some(({ fromMs }) => fromMs <= untilMs)
  }

  /** The break with what ads for it look like. */
  get announced(): GuidedBreak {
    const { profile, segmentMs } = this.#options
    return { adBreak: this.adBreak, profile, segmentMs }
  }

  /** Asks what each of many sessions sees, a few at a time; until all are asked, nothing is settled. */
  askAll(sessions: readonly AdSession[]): void {
    let unasked = sessions.length
    if (unasked === 0) return
    this.#pending++
    inSteps(sessions, this.#options.clock, (session) => {
      this.ask(session)
      unasked--
      if (unasked === 0) this.#settleOne()
    })
  }

  /** Asks what `session` sees. */
  ask(session: AdSession): void {
    const { decider, profile, segmentMs, clock, prefetchedFor } = this.#options
    const { rollType, targetStartMs, endsAtMs, insertedAtMs } = this.adBreak
    const nowMs = clock.nowMs()
    const durationMs = remainingQuartersMs(this.adBreak, nowMs)
    if (this.#isOver || durationMs <= 0) return
    // Nobody was told of a break before the stream.
    const isLate = rollType === 'PREROLL' || session.viewer.joinedAtMs > insertedAtMs
    const waitMs = isLate ? Math.min(MAX_LATE_DECISION_MS, endsAtMs - nowMs) : targetStartMs - nowMs
    const prefetched = prefetchedFor?.(session) ?? []
    this.#pending++
    const asked = decider.decide({
      viewer: session.viewer,
      adBreak: this.adBreak,
      durationMs,
      segmentMs,
      contentTimeMs: Math.max(targetStartMs, nowMs),
      breakIndex: session.breaks++,
      profile,
      dueMonotonicMs: clock.monotonicMs() + waitMs,
      ...(prefetched.length > 0 && { prefetched }),
    })
    void this.#decided(asked, session, isLate, durationMs)
  }

  /** Resolves once all that was asked is decided and at hand. */
  async settled(): Promise<void> {
    if (this.#pending === 0) return
    await new Promise<void>((resolve) => (this.#onSettled = resolve))
  }

  /** A segment of the content begins: what begins with it, in place of it. */
  at(segment: GridSegment): readonly ReadyGroup[] {
    if (this.#isOver || segment.programDateTimeMs < this.adBreak.targetStartMs) return []
    if (segment.programDateTimeMs >= this.adBreak.endsAtMs) {
      this.finish()
      return []
    }
    return this.begin(segment.programDateTimeMs)
  }

  /**
   * What can begin now; what cannot and is not late never will.
   *
   * @param timeMs wall clock of the content that it would begin with; default is after everything.
   */
  begin(timeMs: number = Infinity): readonly ReadyGroup[] {
    this.#hasBegun = true
    const ready: ReadyGroup[] = []
    for (const [key, group] of this.#groups) {
      const { members, creatives, limitTicks, fromMs, release } = group
      if (fromMs > timeMs) continue
      if (creatives) {
        this.#groups.delete(key)
        if (creatives.size > 0 && members.length > 0) {
          ready.push({ members, creatives, limitTicks, release })
          for (const [name, viewers] of askedOf(members))
            this.#count(name, toMilliseconds(limitTicks), -viewers)
        } else release()
      } else group.members = members.filter(({ isLate }) => isLate)
    }
    return ready
  }

  /** It has come to its end. */
  finish(): void {
    const { onUnfilled } = this.#options
    for (const unfilled of this.#unfilled.values()) if (unfilled.viewers > 0) onUnfilled(unfilled)
    this.close()
  }

  /** Nothing will begin any more. */
  close(): void {
    this.#isOver = true
    for (const { release } of this.#groups.values()) release()
    this.#groups.clear()
  }

  async #decided(
    asked: Promise<AdDecision>,
    session: AdSession,
    isLate: boolean,
    durationMs: number,
  ): Promise<void> {
    try {
      const decision = await asked.catch(() => CONTENT)
      const { part, items } = decision
      const fillableMs = part?.durationMs ?? durationMs
      const mayBeLate = isLate || part !== undefined
      this.#count(decision.configurationName, fillableMs, 1)
      if (this.#isOver || items.length === 0 || (this.#hasBegun && !mayBeLate)) return
      await this.#join({ session, decision, isLate: mayBeLate }, fillableMs)
    } finally {
      this.#settleOne()
    }
  }

  #settleOne(): void {
    this.#pending--
    if (this.#pending === 0) this.#onSettled?.()
  }

  #count(configurationName: string | undefined, durationMs: number, viewers: number): void {
    if (configurationName === undefined) return
    const key = `${durationMs} ${configurationName}`
    const before = this.#unfilled.get(key)?.viewers ?? 0
    this.#unfilled.set(key, { configurationName, durationMs, viewers: before + viewers })
  }

  async #join(member: DecidedSession, durationMs: number): Promise<void> {
    const fromMs = this.#earliestMs(member.decision)
    const key = `${durationMs} ${fromMs} ${podKey(member.decision)}`
    const known = this.#groups.get(key)
    if (known) {
      known.members.push(member)
      return
    }
    const group: Group = {
      members: [member],
      limitTicks: (durationMs * MEDIA_TIMESCALE) / 1000,
      fromMs,
      creatives: undefined,
      release: () => undefined,
    }
    this.#groups.set(key, group)
    const held = await this.#load(member.decision.items)
    const release = (): void => {
      for (const creative of held.values()) creative.release()
    }
    if (this.#isOver) {
      release()
      return
    }
    group.release = release
    group.creatives = new Map([...held].map(([creativeKey, { media }]) => [creativeKey, media]))
  }

  /** In steps of segments: who may begin within the same one sees the same. */
  #earliestMs({ part }: AdDecision): number {
    const { targetStartMs } = this.adBreak
    const { segmentMs } = this.#options
    if (!part) return targetStartMs
    return targetStartMs + Math.ceil((part.beginsAtMs - targetStartMs) / segmentMs) * segmentMs
  }

  async #load(items: readonly PodItem[]): Promise<Map<string, HeldCreative>> {
    const keys = [...new Set(items.map(({ creative }) => creative.key))]
    const loaded = await Promise.all(
      keys.map(async (key) => [key, await this.#options.library.load(key).catch(() => undefined)] as const),
    )
    return new Map(loaded.flatMap(([key, held]) => (held ? [[key, held]] : [])))
  }
}

/** How many of `members` each configuration was asked for. */
export function askedOf(members: readonly DecidedSession[]): ReadonlyMap<string, number> {
  const asked = new Map<string, number>()
  for (const { decision } of members) {
    const { configurationName } = decision
    if (configurationName !== undefined) asked.set(configurationName, (asked.get(configurationName) ?? 0) + 1)
  }
  return asked
}

function toMilliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}

/** Decisions with the same key look the same in a playlist. */
function podKey({ items }: AdDecision): string {
  return JSON.stringify(
    items.map((item) =>
      item.kind === 'ad'
        ? [item.creative.key, item.ad.adId, item.ad.creativeId, item.ad.adSystem, item.ad.adTitle]
        : [item.creative.key],
    ),
  )
}
