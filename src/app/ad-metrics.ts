/**
 * What is counted of ads for Prometheus: of all configurations together, because a configuration is no label.
 */
import type { BeaconSender } from '../ads/beacons/beacon-sender.ts'
import type { AdServerDecider } from '../ads/decision/ad-server-decider.ts'
import { SKIPPED_REASONS } from '../ads/decision/decision-counters.ts'
import type { DecisionMetric } from '../ads/decision/decision-counters.ts'
import type { AdStitching } from '../ads/stitch/ad-stitching.ts'
import type { ExposedMetric, ExposedValue } from '../metrics/index.ts'

/** The parts of the ad road that count. */
export type CountedAds = {
  readonly decider: {
    readonly counters: Pick<AdServerDecider['counters'], 'sums' | 'troubles' | 'outcomes' | 'prefetches'>
  } & Pick<AdServerDecider, 'load'>
  readonly beacons: Pick<BeaconSender, 'totals' | 'waitingBeacons'>
  readonly stitching: Pick<AdStitching, 'sessionCount' | 'segmentBytes'>
}

/** The metrics of ads. */
export function adMetrics({ decider, beacons, stitching }: CountedAds): readonly ExposedMetric[] {
  return [
    ...decisionMetrics(decider),
    ...adServerMetrics(decider),
    ...beaconMetrics(beacons),
    one('gauge', 'headwater_ad_sessions', 'Viewing sessions that may get ads.', () => stitching.sessionCount),
    one(
      'gauge',
      'headwater_ad_segment_cache_bytes',
      'Ad segments held ready, shared by viewers of one place.',
      () => stitching.segmentBytes,
    ),
  ]
}

function decisionMetrics(decider: CountedAds['decider']): readonly ExposedMetric[] {
  const { counters } = decider
  return [
    {
      name: 'headwater_ad_decisions_total',
      help: 'Decisions on ads, one for each session and break: made, too late, refused because too many waited, failed, not wanted.',
      kind: 'counter',
      labels: ['outcome'],
      read: () => by('outcome', counters.outcomes),
    },
    {
      name: 'headwater_ad_prefetches_total',
      help: 'Requests for ads ahead of breaks: ads kept, no ads, no answer, too late, refused because too many waited, not wanted any more.',
      kind: 'counter',
      labels: ['outcome'],
      read: () => by('outcome', counters.prefetches.outcomes),
    },
    one(
      'counter',
      'headwater_ad_prefetches_used_total',
      'Decisions on ads by what was asked for ahead of the break.',
      () => counters.prefetches.used,
    ),
    {
      name: 'headwater_ad_decisions_open',
      help: 'Decisions on ads that wait for their turn, and those under way.',
      kind: 'gauge',
      labels: ['state'],
      read: () => by('state', { waiting: decider.load.waiting, running: decider.load.inside }),
    },
    one('counter', 'headwater_ad_break_seconds_total', 'Break time that ads were looked for.', () =>
      toSeconds(totalOf(counters.sums, 'Avail.Duration').sum),
    ),
    one('counter', 'headwater_ad_filled_seconds_total', 'Break time that ads were found for.', () =>
      toSeconds(totalOf(counters.sums, 'Avail.FilledDuration').sum),
    ),
    {
      name: 'headwater_ads_skipped_total',
      help: 'Ads that an ad server named and that were left out, by reason.',
      kind: 'counter',
      labels: ['reason'],
      read: () => {
        const { sums } = counters
        const counts = SKIPPED_REASONS.map(([reason, metric]) => [reason, totalOf(sums, metric).sum] as const)
        return by('reason', Object.fromEntries(counts))
      },
    },
    {
      name: 'headwater_ad_request_faults_total',
      help: 'Variables of ad requests that are unknown, and configurations that tokens name and that are unknown.',
      kind: 'counter',
      labels: ['kind'],
      read: () => {
        const { unknownVariables, unknownConfigurations } = counters.troubles
        return by('kind', { variable: unknownVariables, configuration: unknownConfigurations })
      },
    },
  ]
}

function adServerMetrics({ counters }: CountedAds['decider']): readonly ExposedMetric[] {
  return [
    one(
      'counter',
      'headwater_ad_server_answers_total',
      'Conversations with ad servers whose time was taken.',
      () => totalOf(counters.sums, 'AdDecisionServer.Latency').samples,
    ),
    one('counter', 'headwater_ad_server_latency_seconds_total', 'Time that those took, all together.', () =>
      toSeconds(totalOf(counters.sums, 'AdDecisionServer.Latency').sum),
    ),
    one(
      'counter',
      'headwater_ad_server_errors_total',
      'Conversations with ad servers that ended without an answer, timeouts among them.',
      () => totalOf(counters.sums, 'AdDecisionServer.Errors').sum,
    ),
    one(
      'counter',
      'headwater_ad_server_timeouts_total',
      'Conversations with ad servers that took too long.',
      () => totalOf(counters.sums, 'AdDecisionServer.Timeouts').sum,
    ),
  ]
}

function beaconMetrics(beacons: CountedAds['beacons']): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_beacons_total',
      help: 'Beacons by what became of them; uncertain are those on their way when a server stopped.',
      kind: 'counter',
      labels: ['outcome'],
      read: () => {
        const { arrived, givenUp, dropped, uncertain } = beacons.totals
        return by('outcome', { fired: arrived, 'given-up': givenUp, dropped, uncertain })
      },
    },
    one(
      'counter',
      'headwater_beacon_failed_attempts_total',
      'Attempts that failed and are made again.',
      () => beacons.totals.failedAttempts,
    ),
    one(
      'gauge',
      'headwater_beacons_waiting',
      'Beacons that wait or are on their way.',
      () => beacons.waitingBeacons,
    ),
  ]
}

function one(kind: ExposedMetric['kind'], name: string, help: string, read: () => number): ExposedMetric {
  return { name, help, kind, labels: [], read: () => [{ value: read() }] }
}

function by(label: string, values: Readonly<Record<string, number>>): readonly ExposedValue[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

function totalOf(
  sums: AdServerDecider['counters']['sums'],
  wanted: DecisionMetric,
): { readonly samples: number; readonly sum: number } {
  let [samples, sum] = [0, 0]
  for (const total of sums) {
    if (total.name !== wanted) continue
    samples += total.samples
    sum += total.sum
  }
  return { samples, sum }
}

function toSeconds(durationMs: number): number {
  return durationMs / 1000
}
