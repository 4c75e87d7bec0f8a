/**
 * An ad of which nothing is told but what a test tells.
 */
import type { ResolvedAd } from './resolved-ad.ts'

/** An ad without files and without anything to report. */
export function plainAd(told: Partial<ResolvedAd> & Pick<ResolvedAd, 'adId' | 'durationMs'>): ResolvedAd {
  return {
    sequence: undefined,
    adSystem: '',
    adTitle: '',
    creativeId: '',
    creativeAdId: '',
    creativeSequence: '',
    skipOffset: undefined,
    mediaFiles: [],
    tracking: [],
    errorUrls: [],
    clickThrough: undefined,
    clickTracking: [],
    adParameters: '',
    extensions: [],
    adVerifications: [],
    companionAds: [],
    icons: [],
    ...told,
  }
}
