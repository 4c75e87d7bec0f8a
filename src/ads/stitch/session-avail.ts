/**
 * A pod as a player is told of it that reports by itself: where each ad lies for this viewer, to the last segment.
 *
 * What has not begun yet is foreseen on the grid as it is: a player is told once, when the first ad begins, and what a
 * date range says never changes.
 *
 * Reference: ssai §3.8.
 */
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { PodItem } from '../ad-decision.ts'
import type { PlacedAd, PlacedAvail } from '../beacons/tracking-avail.ts'
import type { PlacedEntry, Pod } from './pod.ts'

/**
 * The ads of `pod`; undefined when there is none to report about.
 *
 * @param items one for each entry of the pod, with everything that is to be reported for this viewer.
 * @param joinedAtMs beginning of the viewing session, which times count from; milliseconds since the Unix epoch.
 */
export function sessionAvail(
  pod: Pod,
  items: readonly PodItem[],
  joinedAtMs: number,
): PlacedAvail | undefined {
  const whole = pod.foreseen()
  const ads = whole.placed.flatMap((entry) => {
    const item = items[entry.index]
    return item?.kind === 'ad' ? [placedAd(whole, entry, { ad: item.ad, joinedAtMs })] : []
  })
  if (ads.length === 0) return undefined
  return { ads, breakDurationMs: pod.adBreak.durationSeconds * 1000, programDateTimeMs: whole.startMs }
}

function placedAd(
  pod: Pod,
  { index, creative, from }: PlacedEntry,
  { ad, joinedAtMs }: Pick<PlacedAd, 'ad'> & { readonly joinedAtMs: number },
): PlacedAd {
  return {
    ad,
    mediaDurationMs: milliseconds(creative.durationTicks),
    startMs: Math.max(0, from.programDateTimeMs - joinedAtMs),
    segments: pod
      .segmentsOf(index)
      .map(({ msn, expectedTicks }) => ({ msn, durationMs: milliseconds(expectedTicks) })),
  }
}

function milliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
