/**
 * What was decided for one viewing session and one ad break. Decided once, before the break begins for that viewer, and
 * never changed after.
 *
 * Reference: ssai §3.4 (skip reasons), §7.2.
 */
import type { ResolvedAd } from '../media/vast/resolved-ad.ts'
import type { ConditionedCreative, CreativeFailure } from './creative-library.ts'

/** Why an ad is not played (reference ssai §3.4). */
export type SkipReason =
  | 'NEW_CREATIVE'
  | 'TRANSCODE_IN_PROGRESS'
  | 'TRANSCODE_ERROR'
  | 'INTERNAL_ERROR'
  | 'AVAIL_DURATION_EXCEEDED'
  | 'LEFTOVER_AVAIL_EXCEEDED_THRESHOLD'
  | 'MEDIA_FILE_UNAVAILABLE'
  | 'NO_VARIANT_MATCH'
  | 'INVALID_VAST_WRAPPER_AD'

/** An ad that is not played. */
export type SkippedAd = {
  readonly ad: ResolvedAd
  readonly reason: SkipReason
  /** Of a creative that cannot be played. */
  readonly failure?: CreativeFailure
}

/** What fills a stretch of a break. */
export type PodItem =
  | { readonly kind: 'ad'; readonly ad: ResolvedAd; readonly creative: ConditionedCreative }
  /** A slate or bumper: nothing is reported about it. */
  | { readonly kind: 'filler'; readonly creative: ConditionedCreative }

/** The end of a break, when it is all that ads may stand in; milliseconds. */
export type BreakPart = {
  /** Since the Unix epoch. */
  readonly beginsAtMs: number
  /** A whole number of quarters of the break. */
  readonly durationMs: number
}

/** The answer of the ad side. No items: the viewer sees content. */
export type AdDecision = {
  /** Absent when the ads stand from the break's beginning on, or as soon as they can. */
  readonly part?: BreakPart
  /** Playback configuration that was asked, for metrics; absent when none was. */
  readonly configurationName?: string
  readonly items: readonly PodItem[]
  readonly skipped: readonly SkippedAd[]
}

/** Nothing to play. */
export const CONTENT: AdDecision = { items: [], skipped: [] }
