/**
 * What the log tells of a decision: the members of the record of a filled avail, without URLs.
 *
 * Reference: ssai §2.3.
 */
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdDecision } from '../ad-decision.ts'
import { cleanText, type AdLogFields } from './decision-log.ts'

/** The fields of `FILLED_AVAIL`; durations in milliseconds. */
export function filledAvail(
  { durationMs }: Pick<DecisionRequest, 'durationMs'>,
  { items, skipped }: AdDecision,
  filledMs: number,
): AdLogFields {
  const creativeAds = items.flatMap((item) => {
    if (item.kind !== 'ad') return []
    const { ad, creative } = item
    return {
      creativeUniqueId: cleanText(ad.creativeId),
      vastDuration: ad.durationMs,
      transcodedAdDuration: Math.round(creative.durationTicks / 90),
      trackingEvents: [...new Set(ad.tracking.map(({ event }) => cleanText(event)))],
    }
  })
  return {
    originAvailDuration: durationMs,
    filledDuration: filledMs,
    fillRate: Math.min(1, filledMs / durationMs),
    numAds: creativeAds.length,
    creativeAds,
    skippedAds: skipped.map(({ ad, reason }) => ({
      creativeUniqueId: cleanText(ad.creativeId),
      vastDuration: ad.durationMs,
      skippedReason: reason,
    })),
  }
}
