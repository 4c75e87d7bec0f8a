/**
 * Tells ad servers that an ad is not played.
 *
 * Reference: ssai §4.4.
 */
import { fillMacros } from '../../media/vast/macros.ts'
import { VAST_ERROR, type VastErrorCode } from '../../media/vast/vast-error.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { SkippedAd, SkipReason } from '../ad-decision.ts'
import type { BeaconSink } from '../beacon.ts'
import type { CreativeFailure } from '../creative-library.ts'

/** Stands for the response as a whole: no pod is so long that one of its ads has this place. */
const NO_AD_INDEX = 99
const MAX_URLS = 100

const CODES: Readonly<Record<SkipReason, VastErrorCode>> = {
  NEW_CREATIVE: VAST_ERROR.mezzanineInPreparation,
  TRANSCODE_IN_PROGRESS: VAST_ERROR.mezzanineInPreparation,
  TRANSCODE_ERROR: VAST_ERROR.mediaFileUnplayable,
  INTERNAL_ERROR: VAST_ERROR.undefined,
  AVAIL_DURATION_EXCEEDED: VAST_ERROR.durationDiffers,
  LEFTOVER_AVAIL_EXCEEDED_THRESHOLD: VAST_ERROR.durationDiffers,
  MEDIA_FILE_UNAVAILABLE: VAST_ERROR.mediaFileNotFound,
  NO_VARIANT_MATCH: VAST_ERROR.mediaFileUnsupported,
  INVALID_VAST_WRAPPER_AD: VAST_ERROR.wrapperFailed,
}

/** The codes of creatives say more than the reason of the ad. */
const FAILURE_CODES: Readonly<Record<CreativeFailure, VastErrorCode>> = {
  unavailable: VAST_ERROR.mediaFileNotFound,
  'timed-out': VAST_ERROR.mediaFileTimedOut,
  unsuitable: VAST_ERROR.mezzanineUnsuitable,
  unplayable: VAST_ERROR.mediaFileUnplayable,
  'not-tried': VAST_ERROR.undefined,
}

/** URLs to be called for the ads that were skipped. */
export function skipBeacons(skipped: readonly SkippedAd[]): readonly string[] {
  return skipped.flatMap(({ ad, reason, failure }) => {
    const errorCode = failure ? FAILURE_CODES[failure] : CODES[reason]
    return ad.errorUrls.map((url) => fillMacros(url, { errorCode }))
  })
}

/** Sends error beacons of a decision, each URL once; nothing for viewers whose players report themselves. */
export function sendErrorBeacons(
  sink: BeaconSink,
  { viewer, adBreak }: Pick<DecisionRequest, 'viewer' | 'adBreak'>,
  { configurationName, urls }: { readonly configurationName: string; readonly urls: readonly string[] },
): void {
  const once = [...new Set(urls)].slice(0, MAX_URLS)
  if (once.length === 0 || viewer.claims.reportingMode === 'CLIENT') return
  sink.due(viewer, [
    { breakId: adBreak.id, adIndex: NO_AD_INDEX, event: 'error', urls: once, configurationName },
  ])
}
