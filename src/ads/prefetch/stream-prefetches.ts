/**
 * Ads of one stream that are asked for ahead of breaks: when each session asks, and what it keeps.
 *
 * A session asks once in each round that its configuration's schedules open: one for a schedule of a single break, one
 * after each break for a recurring one. Its moment is drawn when it is first seen in the round, so that requests are
 * spread over time for those who watch from the beginning and for those who come later.
 *
 * Reference: ssai §2.4.
 */
import type { Clock } from '../../base/clock.ts'
import type { AdBreak } from '../../domain/ad-break.ts'
import { prefetchSpreadMs, type PrefetchPlan } from '../../domain/prefetch-plan.ts'
import type { DecisionRequest, PrefetchedAds } from '../ad-decider.ts'
import type { AdPrefetcher } from '../ad-prefetcher.ts'
import type { AdViewer } from '../ad-viewer.ts'
import { inSteps } from '../in-steps.ts'
import type { StreamPlans } from './prefetch-plans.ts'

/** So often somebody looks who has to ask. */
export const LOOK_MS = 1000
/** Nobody's moment is drawn later than so long before the end of a round: ad servers have to answer in it. */
const LAST_REQUEST_MS = 2000
/** What is known of a session. */
export type PrefetchingSession = { readonly viewer: AdViewer; readonly breaks: number }

/** What ads of the stream look like. */
export type AdShape = Pick<DecisionRequest, 'profile' | 'segmentMs'>

/** A stream as it is now; asked for only when there is a schedule. */
export type PrefetchingNow = {
  /** Undefined until the stream is known. */
  readonly shape: () => AdShape | undefined
  /** Sessions that watch. */
  readonly watching: () => readonly PrefetchingSession[]
}

/** What is needed to ask. */
export type StreamPrefetchesOptions = {
  readonly prefetcher: AdPrefetcher
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number
}

/** A time in which every session asks once. */
type Round = { readonly key: string; readonly plan: PrefetchPlan; readonly untilMs: number }

type SessionState = {
  /** By round: when the session asks; infinite once it has. Milliseconds since the Unix epoch. */
  readonly moments: Map<string, number>
  /** At most one of each schedule. */
  kept: readonly PrefetchedAds[]
}

const NO_ROUNDS: readonly Round[] = []
const NOTHING: readonly PrefetchedAds[] = []

/** The ads that sessions of one stream have ahead. */
export class StreamPrefetches {
  readonly #options: StreamPrefetchesOptions
  readonly #random: () => number
  #states = new WeakMap<PrefetchingSession, SessionState>()
  #planIds: ReadonlySet<string> = new Set()
  #lastBreak: AdBreak | undefined

  constructor(options: StreamPrefetchesOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
  }

  /** A break inside the stream is announced: the next round of recurring schedules follows it. */
  announce(adBreak: AdBreak): void {
    this.#lastBreak = adBreak
  }

  /** What is kept for a session, oldest first. */
  keptFor(session: PrefetchingSession): readonly PrefetchedAds[] {
    const kept = this.#states.get(session)?.kept
    return kept ? this.#valid(kept) : NOTHING
  }

  /** Asks for those who watch and whose moment comes before the next look. */
  look({ plans, configurationOf }: StreamPlans, { shape: shapeNow, watching }: PrefetchingNow): void {
    this.#planIds = new Set(plans.map(({ id }) => id))
    if (plans.length === 0) {
      this.#states = new WeakMap()
      return
    }
    const shape = shapeNow()
    if (!shape) return
    const { clock } = this.#options
    const nowMs = clock.nowMs()
    const open = plans.flatMap((plan) => roundOf(plan, this.#lastBreak, nowMs) ?? [])
    const rounds = Map.groupBy(open, ({ plan }) => plan.configurationName)
    const sessions = watching()
    inSteps(sessions, clock, (session) => {
      const own = rounds.get(configurationOf(session.viewer) ?? '') ?? NO_ROUNDS
      const state = own.length > 0 ? this.#stateOf(session) : this.#states.get(session)
      if (!state) return
      state.kept = this.#valid(state.kept)
      forgetOthers(state.moments, own)
      for (const round of own) {
        if (this.#isDue(state, round, sessions.length)) void this.#ask(session, round, shape)
      }
    })
  }

  #isDue({ moments }: SessionState, { key, plan, untilMs }: Round, viewers: number): boolean {
    const nowMs = this.#options.clock.nowMs()
    const leftMs = Math.max(0, untilMs - nowMs - LAST_REQUEST_MS)
    const spreadMs = Math.min(prefetchSpreadMs(plan.shaping, viewers), leftMs)
    const known = moments.get(key)
    const momentMs = known ?? nowMs + this.#random() * spreadMs
    const isDue = momentMs < nowMs + LOOK_MS
    if (isDue) moments.set(key, Infinity)
    else if (known === undefined) moments.set(key, momentMs)
    return isDue
  }

  async #ask(session: PrefetchingSession, { plan, untilMs }: Round, shape: AdShape): Promise<void> {
    const { prefetcher, clock } = this.#options
    const leftMs = untilMs - clock.nowMs()
    const ads = await prefetcher.prefetch({
      ...shape,
      viewer: session.viewer,
      breakIndex: session.breaks,
      plan,
      // Those of one look are spread until the next one.
      spreadMs: Math.min(LOOK_MS, leftMs / 2),
      dueMonotonicMs: clock.monotonicMs() + leftMs,
    })
    if (!ads) return
    const state = this.#stateOf(session)
    // Those of an earlier round are too old, or were taken.
    state.kept = [...state.kept.filter(({ planId }) => planId !== plan.id), ads]
  }

  #stateOf(session: PrefetchingSession): SessionState {
    const known = this.#states.get(session)
    if (known) return known
    const state: SessionState = { moments: new Map(), kept: NOTHING }
    this.#states.set(session, state)
    return state
  }

  /** Those that a break may still have. */
  #valid(kept: readonly PrefetchedAds[]): readonly PrefetchedAds[] {
    if (kept.length === 0) return kept
    const nowMs = this.#options.clock.nowMs()
    return kept.filter(({ planId, untilMs }) => untilMs >= nowMs && this.#planIds.has(planId))
  }
}

/** What a schedule opens now. */
function roundOf(plan: PrefetchPlan, lastBreak: AdBreak | undefined, nowMs: number): Round | undefined {
  const { id, retrieval, consumption, recurrence } = plan
  const untilMs = Math.min(retrieval.endMs, consumption.endMs)
  if (nowMs < retrieval.startMs || nowMs >= untilMs) return undefined
  if (!recurrence) return { key: id, plan, untilMs }
  if (!lastBreak || lastBreak.endsAtMs < retrieval.startMs) return undefined
  return nowMs < lastBreak.endsAtMs + recurrence.delayMs
    ? undefined
    : { key: `${id} ${lastBreak.id}`, plan, untilMs }
}

function forgetOthers(moments: Map<string, number>, rounds: readonly Round[]): void {
  for (const key of moments.keys()) if (!rounds.some((round) => round.key === key)) moments.delete(key)
}
