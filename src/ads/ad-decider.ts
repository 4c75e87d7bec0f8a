/**
 * Port between the breaks of a stream and the ad decision.
 */
import type { AdBreak } from '../domain/ad-break.ts'
import type { AdDecision } from './ad-decision.ts'
import type { AdViewer } from './ad-viewer.ts'
import type { AdProfile } from './creative-library.ts'

/** What an ad server named for one session ahead of a break: the decider that gave it out knows the ads. */
export type PrefetchedAds = {
  /** Schedule that they were asked for by. */
  readonly planId: string
  readonly configurationName: string
  /** When a break has to begin to have them, both ends included; milliseconds since the Unix epoch. */
  readonly fromMs: number
  readonly untilMs: number
  /** What variables of the ad request must stand for in the break. */
  readonly matching: Readonly<Record<string, string>>
}

/** What has to be decided. */
export type DecisionRequest = {
  readonly viewer: AdViewer
  readonly adBreak: AdBreak
  /** What there is to fill for this viewer: less than the break's own when he joins late. Milliseconds. */
  readonly durationMs: number
  /** Length of the segments that ads are cut into: every ad takes whole segments. Milliseconds. */
  readonly segmentMs: number
  /** Wall clock of the content where the break begins for the viewer; milliseconds since the Unix epoch. */
  readonly contentTimeMs: number
  /** How many breaks of the session there were before this one. */
  readonly breakIndex: number
  readonly profile: AdProfile
  /** After this the answer is of no use; milliseconds on the monotonic clock. */
  readonly dueMonotonicMs: number
  /** What variables of the ad request stand for, whatever else is known of them. */
  readonly variables?: Readonly<Record<string, string>>
  /** Kept for the session, oldest first: the first that is for this break is taken, and the ad server not asked. */
  readonly prefetched?: readonly PrefetchedAds[]
}

/** Decides what a viewer sees. */
export type AdDecider = {
  /** Never rejects: what goes wrong is an empty decision, counted and logged. */
  readonly decide: (request: DecisionRequest) => Promise<AdDecision>
}
