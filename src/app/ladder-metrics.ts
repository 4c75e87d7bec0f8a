/**
 * What is counted of ladders for Prometheus: of all together, because a stream is no label.
 */
import type { ExposedMetric } from '../metrics/index.ts'
import type { LadderRegistry, LadderTotals } from '../transcode/ladder-registry.ts'

/** The metrics of all ladders. */
export function ladderMetrics(ladders: Pick<LadderRegistry, 'totals'>): readonly ExposedMetric[] {
  const metric = (
    kind: ExposedMetric['kind'],
    name: string,
    help: string,
    read: (totals: LadderTotals) => number,
  ): ExposedMetric => ({ name, help, kind, labels: [], read: () => [{ value: read(ladders.totals) }] })
  return [
    metric(
      'gauge',
      'headwater_ladders_running',
      'Streams that are transcoded now.',
      ({ running }) => running,
    ),
    metric(
      'gauge',
      'headwater_ladders_allowed',
      'Streams that may be transcoded at once.',
      ({ allowed }) => allowed,
    ),
    metric(
      'gauge',
      'headwater_ladders_behind',
      'Ladders that fall behind their sources.',
      ({ behind }) => behind,
    ),
    metric(
      'gauge',
      'headwater_ladder_max_lag_seconds',
      'How far the slowest track of all ladders is behind its source.',
      ({ maxLagMs }) => maxLagMs / 1000,
    ),
    metric(
      'gauge',
      'headwater_ladder_shed_rungs',
      'Rungs of running ladders that show another one because the machine is too slow.',
      ({ shedRungs }) => shedRungs,
    ),
    metric(
      'counter',
      'headwater_ladder_deaths_total',
      'Transcoders that died or were ended because they hung.',
      ({ deaths }) => deaths,
    ),
  ]
}
