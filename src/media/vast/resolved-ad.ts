/**
 * What remains of a VAST document once its wrappers are followed: ads that can be played, each with everything that has to
 * be reported about it.
 *
 * Spec: IAB VAST 2.0 to 4.3; reference ssai §4.1.
 */

/** Where an event lies in an ad: milliseconds from its beginning, or a share of its duration from 0 to 1. */
export type AdOffset = { readonly ms: number } | { readonly share: number }

/** URLs to call when something has happened; those of wrappers and of the ad itself together. */
export type TrackingEvent = {
  /** `impression`, or the name of a VAST tracking event: `start`, `firstQuartile`, `progress`, `complete`, … */
  readonly event: string
  /** Of `progress` events. */
  readonly offset: AdOffset | undefined
  readonly urls: readonly string[]
}

/** One file that holds the ad. */
export type MediaFile = {
  readonly url: string
  readonly delivery: 'progressive' | 'streaming'
  /** E.g. `video/mp4`; lower case. */
  readonly mimeType: string
  readonly bitrateKbps: number | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly codec: string | undefined
  /** The original for transcoding, not made for players. */
  readonly isMezzanine: boolean
}

/** An ad with everything that its wrappers add. */
export type ResolvedAd = {
  /** `id` of the Ad element, empty when it has none. */
  readonly adId: string
  /** Place in a pod; undefined for an ad of its own. */
  readonly sequence: number | undefined
  readonly adSystem: string
  readonly adTitle: string
  /** `id` of the Creative element, or else what identifies it best; empty when nothing does. */
  readonly creativeId: string
  /** `adId` of the Creative element. */
  readonly creativeAdId: string
  readonly creativeSequence: string
  /** As announced; whole milliseconds, more than 0. */
  readonly durationMs: number
  /** As written, e.g. `00:00:05` or `25%`. */
  readonly skipOffset: string | undefined
  /** All that could be played or transcoded, in the order of the document. */
  readonly mediaFiles: readonly MediaFile[]
  /** In the order in which they are to be called at the same moment. */
  readonly tracking: readonly TrackingEvent[]
  /** To be called with `[ERRORCODE]` filled in. */
  readonly errorUrls: readonly string[]
  readonly clickThrough: string | undefined
  readonly clickTracking: readonly string[]
  readonly adParameters: string
  /** For players that report by themselves, as JSON that can be handed on (reference ssai §3.8). */
  readonly extensions: readonly unknown[]
  readonly adVerifications: readonly unknown[]
  readonly companionAds: readonly unknown[]
  readonly icons: readonly unknown[]
}
