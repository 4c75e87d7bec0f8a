/**
 * What is counted of creatives for Prometheus.
 */
import type { ConditioningLibrary, LibraryTotals } from '../ads/conditioning/conditioning-library.ts'
import type { ExposedMetric } from '../metrics/index.ts'

/** The metrics of a creative library. */
export function creativeMetrics(library: Pick<ConditioningLibrary, 'totals'>): readonly ExposedMetric[] {
  const metric = (
    kind: ExposedMetric['kind'],
    name: string,
    help: string,
    read: (totals: LibraryTotals) => number,
  ): ExposedMetric => ({ name, help, kind, labels: [], read: () => [{ value: read(library.totals) }] })
  return [
    metric(
      'gauge',
      'headwater_creatives_queued',
      'Creatives that wait for conditioning.',
      (all) => all.queued,
    ),
    metric('gauge', 'headwater_creatives_running', 'Creatives in conditioning.', (all) => all.running),
    metric(
      'gauge',
      'headwater_creatives_ready',
      'Creatives that can be played.',
      (all) => all.storedCreatives,
    ),
    metric('gauge', 'headwater_creative_cache_bytes', 'Size of creatives on disk.', (all) => all.storedBytes),
    metric('gauge', 'headwater_creatives_held', 'Creatives in a break now.', (all) => all.heldCreatives),
    metric(
      'gauge',
      'headwater_creative_memory_bytes',
      'Size of creatives in memory.',
      (all) => all.loadedBytes,
    ),
    metric(
      'counter',
      'headwater_creatives_conditioned_total',
      'Creatives conditioned.',
      (all) => all.conditioned,
    ),
    metric(
      'counter',
      'headwater_creatives_evicted_total',
      'Creatives removed for want of room.',
      (all) => all.evictions,
    ),
    metric(
      'counter',
      'headwater_creatives_turned_away_total',
      'Creatives that found the queue full.',
      (all) => all.turnedAway,
    ),
    {
      name: 'headwater_creatives_failed_total',
      help: 'Creatives that could not be conditioned.',
      kind: 'counter',
      labels: ['code'],
      read: () => [...library.totals.failures].map(([code, value]) => ({ labels: { code }, value })),
    },
  ]
}
