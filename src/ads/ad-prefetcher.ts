/**
 * Port between the sessions of a stream and the ad decision, for ads that are asked for ahead of any break.
 *
 * Reference: ssai §2.4.
 */
import type { PrefetchPlan } from '../domain/prefetch-plan.ts'
import type { DecisionRequest, PrefetchedAds } from './ad-decider.ts'

/** What is asked for one session. */
export type PrefetchWish = Pick<
  DecisionRequest,
  'viewer' | 'segmentMs' | 'breakIndex' | 'profile' | 'dueMonotonicMs'
> & {
  readonly plan: PrefetchPlan
  /** The ad server is asked at a random moment from now to then. */
  readonly spreadMs: number
}

/** Asks ahead. */
export type AdPrefetcher = {
  /** Undefined when there is nothing to keep. Never rejects: what goes wrong is counted and logged. */
  readonly prefetch: (wish: PrefetchWish) => Promise<PrefetchedAds | undefined>
}
