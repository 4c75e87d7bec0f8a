/**
 * What is measured of breaks when they are over: how much of each was seen to be ads, slate and content.
 *
 * Viewers who saw the same are counted together: thousands of them leave a break at one moment.
 *
 * Reference: ssai §3.9.
 */
import type { AdMetricName, AdSample } from '../../domain/ad-metrics.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecision } from '../ad-decision.ts'
import type { UnfilledBreak } from './break-run.ts'
import type { PlacedEntry, Pod } from './pod.ts'
import type { SeenPod } from './stream-pods.ts'

/** A sample without what is the same for all of a stream. */
export type ObservedSample = Pick<AdSample, 'metric' | 'configurationName' | 'value' | 'count'>

/** The samples of a pod that is over. */
export function seenSamples({ pod, configurationName, viewers }: SeenPod): readonly ObservedSample[] {
  const ads = pod.placed.filter(({ ad }) => ad !== undefined)
  const slates = pod.placed.filter(({ ad }) => ad === undefined)
  const seen = {
    durationMs: toMilliseconds(pod.limitTicks),
    filledMs: lengthMs(pod, ads),
    slateMs: lengthMs(pod, slates),
    ads: ads.length,
  }
  return samplesOf(seen, { configurationName, count: viewers })
}

/** The samples of viewers who saw content alone. */
export function unfilledSamples({
  configurationName,
  durationMs,
  viewers,
}: UnfilledBreak): readonly ObservedSample[] {
  return samplesOf({ durationMs, filledMs: 0, slateMs: 0, ads: 0 }, { configurationName, count: viewers })
}

/** The sample of ads that a player is given to put in by itself. */
export function givenSamples({ configurationName, items }: AdDecision): readonly ObservedSample[] {
  if (configurationName === undefined) return []
  return [{ metric: 'AdsBilled', configurationName, value: items.filter(({ kind }) => kind === 'ad').length }]
}

type Seen = {
  readonly durationMs: number
  readonly filledMs: number
  readonly slateMs: number
  readonly ads: number
}

function samplesOf(
  { durationMs, filledMs, slateMs, ads }: Seen,
  of: Pick<ObservedSample, 'configurationName' | 'count'>,
): readonly ObservedSample[] {
  const values: readonly (readonly [AdMetricName, number])[] = [
    ['Avail.ObservedDuration', durationMs],
    ['Avail.ObservedFilledDuration', filledMs],
    ['Avail.ObservedFillRate', Math.min(1, filledMs / durationMs)],
    ['Avail.ObservedSlateDuration', slateMs],
    ['AdsBilled', ads],
  ]
  return values.map(([metric, value]) => ({ metric, value, ...of }))
}

/** What of `entries` was in the playlist: the last one is cut where a stream ends. */
function lengthMs(pod: Pod, entries: readonly PlacedEntry[]): number {
  const ticks = entries.map(({ index, creative }) => {
    const listedTicks = pod.segmentsOf(index).reduce((sum, { expectedTicks }) => sum + expectedTicks, 0)
    return Math.min(creative.durationTicks, listedTicks)
  })
  return toMilliseconds(ticks.reduce((sum, length) => sum + length, 0))
}

function toMilliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
