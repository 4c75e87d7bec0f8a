/**
 * What an ad response says, before its wrappers are followed.
 *
 * Spec: IAB VAST 4.3 §3; VMAP 1.0.1 §2.3; reference ssai §4.1 and §4.7.
 */
import type { VastErrorCode } from './vast-error.ts'
import type { MediaFile, TrackingEvent } from './resolved-ad.ts'

/** What is reported about an ad, said by a wrapper or by the ad itself. */
export type AdReporting = {
  readonly impressionUrls: readonly string[]
  readonly errorUrls: readonly string[]
  /** Of the linear creative. */
  readonly tracking: readonly TrackingEvent[]
  readonly clickTracking: readonly string[]
  /** As JSON that can be handed on (reference ssai §3.8). */
  readonly extensions: readonly unknown[]
  readonly adVerifications: readonly unknown[]
  readonly companionAds: readonly unknown[]
  readonly icons: readonly unknown[]
}

/** The creative that plays in the stream. */
export type LinearCreative = {
  readonly creativeId: string
  readonly creativeAdId: string
  readonly creativeSequence: string
  /** Ad-ID or another registry's name for it; empty when there is none. */
  readonly universalAdId: string
  readonly durationMs: number
  readonly skipOffset: string | undefined
  /** Those that need no script. */
  readonly mediaFiles: readonly MediaFile[]
  readonly clickThrough: string | undefined
  readonly adParameters: string
}

type AdHead = {
  /** Empty when it has none. */
  readonly adId: string
  /** Place in a pod; undefined for a stand-alone ad. */
  readonly sequence: number | undefined
  readonly reporting: AdReporting
}

/** An ad that stands in the document itself. */
export type InlineAd = AdHead & {
  readonly kind: 'inline'
  readonly adSystem: string
  readonly adTitle: string
  readonly adServingId: string
  readonly linear: LinearCreative
}

/** An ad whose document is elsewhere. */
export type WrapperAd = AdHead & {
  readonly kind: 'wrapper'
  /** Maybe relative to its document, maybe with macros in it. */
  readonly adTagUri: string
  readonly followsWrappers: boolean
  readonly allowsMultipleAds: boolean
  readonly fallsBackOnNoAd: boolean
}

/** An ad that cannot be used. */
export type BrokenAd = AdHead & {
  readonly kind: 'broken'
  readonly code: VastErrorCode
  readonly reason: AdFault
}

/** Why an ad cannot be used, as far as its own document tells. */
export type AdFault =
  | 'no-inline-or-wrapper'
  | 'no-ad-tag-uri'
  | 'no-creatives'
  | 'no-linear'
  | 'no-duration'
  | 'no-media-files'
  | 'media-files-unusable'
  | 'scripts-only'

/** One Ad element. */
export type VastAd = InlineAd | WrapperAd | BrokenAd

/** A VAST document. */
export type VastDocument = {
  readonly ads: readonly VastAd[]
  /** To be called when there is no ad. */
  readonly errorUrls: readonly string[]
}

/** Where a break of a VMAP document has its ads from. */
export type BreakSource =
  | { readonly kind: 'vast'; readonly document: VastDocument }
  | { readonly kind: 'tag'; readonly adTagUri: string }
  | { readonly kind: 'unusable'; readonly code: VastErrorCode }

/** The break of a VMAP document that is played. */
export type VmapBreak = {
  readonly breakId: string
  readonly source: BreakSource
  readonly allowsMultipleAds: boolean
  readonly followsWrappers: boolean
  /** `breakStart` and `breakEnd`. */
  readonly tracking: readonly TrackingEvent[]
  readonly errorUrls: readonly string[]
}

/** What an ad server answered. */
export type AdResponse =
  | { readonly kind: 'vast'; readonly document: VastDocument }
  /** Without a break: nothing to play. */
  | { readonly kind: 'vmap'; readonly adBreak: VmapBreak | undefined }
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'unreadable'
      readonly code: VastErrorCode
      readonly reason: 'too-large' | 'malformed' | 'unknown-root' | 'version-unsupported'
    }
