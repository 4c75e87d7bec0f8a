import { expect, test } from 'vitest'
import { DecisionCounters } from '../ads/decision/decision-counters.ts'
import { createExposition } from '../metrics/index.ts'
import { adMetrics } from './ad-metrics.ts'

const NO_BEACONS = { arrived: 0, failedAttempts: 0, givenUp: 0, dropped: 0, uncertain: 0 }

async function printed(counters: DecisionCounters, totals = NO_BEACONS): Promise<readonly string[]> {
  const text = await createExposition(
    adMetrics({
      decider: { counters, load: { waiting: 3, inside: 2 } },
      beacons: { totals, waitingBeacons: 6 },
      stitching: { sessionCount: 5, segmentBytes: 4096 },
    }),
  ).print()
  return text.split('\n').filter((line) => line.startsWith('headwater_'))
}

test('break time, skipped ads and answers of all configurations are added up', async () => {
  const counters = new DecisionCounters()
  for (const name of ['sports', 'news']) {
    const configuration = { accountId: '1', configurationName: name }
    counters.observe(configuration, 'Avail.Duration', 30_000)
    counters.observe(configuration, 'Avail.FilledDuration', 15_000)
    counters.observe(configuration, 'AdDecisionServer.Latency', 250)
    counters.observe(configuration, 'AdDecisionServer.Timeouts')
    counters.skipped(configuration, 'NEW_CREATIVE')
  }
  for (const outcome of ['made', 'made', 'late'] as const) counters.settled(outcome)
  for (const outcome of ['kept', 'kept', 'empty'] as const) counters.prefetched(outcome)
  counters.prefetchUsed()
  expect(await printed(counters)).toEqual(
    expect.arrayContaining([
      'headwater_ad_decisions_total{outcome="made"} 2',
      'headwater_ad_decisions_total{outcome="late"} 1',
      'headwater_ad_decisions_total{outcome="unwanted"} 0',
      'headwater_ad_prefetches_total{outcome="kept"} 2',
      'headwater_ad_prefetches_total{outcome="empty"} 1',
      'headwater_ad_prefetches_used_total 1',
      'headwater_ad_decisions_open{state="waiting"} 3',
      'headwater_ad_break_seconds_total 60',
      'headwater_ad_filled_seconds_total 30',
      'headwater_ads_skipped_total{reason="NEW_CREATIVE"} 2',
      'headwater_ads_skipped_total{reason="TRANSCODE_ERROR"} 0',
      'headwater_ad_server_answers_total 2',
      'headwater_ad_server_latency_seconds_total 0.5',
      'headwater_ad_server_timeouts_total 2',
      'headwater_ad_sessions 5',
      'headwater_ad_segment_cache_bytes 4096',
    ]),
  )
})

test('beacons are told apart by what became of them', async () => {
  const totals = { arrived: 7, failedAttempts: 4, givenUp: 3, dropped: 2, uncertain: 1 }
  expect(await printed(new DecisionCounters(), totals)).toEqual(
    expect.arrayContaining([
      'headwater_beacons_total{outcome="fired"} 7',
      'headwater_beacons_total{outcome="given-up"} 3',
      'headwater_beacons_total{outcome="dropped"} 2',
      'headwater_beacons_total{outcome="uncertain"} 1',
      'headwater_beacon_failed_attempts_total 4',
      'headwater_beacons_waiting 6',
    ]),
  )
})
