import { expect, test } from 'vitest'
import { createExposition } from '../metrics/index.ts'
import type { ExposedMetric } from '../metrics/index.ts'
import { eventMetrics, givenUpEvents } from './event-metrics.ts'
import { ladderMetrics } from './ladder-metrics.ts'
import { playbackMetrics } from './playback-metrics.ts'

/** The lines of values that are ours. */
async function valuesOf(metrics: readonly ExposedMetric[]): Promise<readonly string[]> {
  const text = await createExposition(metrics).print()
  return text.split('\n').filter((line) => line.startsWith('headwater_'))
}

test('ladders are counted together, their lag in seconds', async () => {
  const totals = { running: 3, allowed: 4, behind: 1, maxLagMs: 2500, shedRungs: 2, deaths: 7 }
  expect(await valuesOf(ladderMetrics({ totals }))).toEqual([
    'headwater_ladders_running 3',
    'headwater_ladders_allowed 4',
    'headwater_ladders_behind 1',
    'headwater_ladder_max_lag_seconds 2.5',
    'headwater_ladder_shed_rungs 2',
    'headwater_ladder_deaths_total 7',
  ])
})

test('events are counted by target', async () => {
  const ofTargets = new Map([
    ['hook', { delivered: 5, failedAttempts: 3, givenUp: 1, waiting: 2 }],
    ['file', { delivered: 6, failedAttempts: 4, givenUp: 4, waiting: 0 }],
  ])
  const events = { counts: () => ofTargets }
  expect(await valuesOf(eventMetrics(events))).toEqual([
    'headwater_event_deliveries_total{target="hook",outcome="delivered"} 5',
    'headwater_event_deliveries_total{target="hook",outcome="failed"} 3',
    'headwater_event_deliveries_total{target="file",outcome="delivered"} 6',
    'headwater_event_deliveries_total{target="file",outcome="failed"} 4',
    'headwater_events_given_up_total{target="hook"} 1',
    'headwater_events_given_up_total{target="file"} 4',
    'headwater_events_waiting{target="hook"} 2',
    'headwater_events_waiting{target="file"} 0',
  ])
  expect(givenUpEvents(events)).toBe(5)
})

test('decisions on who may watch are counted by outcome, with what is held for them', async () => {
  const counts = () => ({ granted: 9, refused: 4, limited: 2, revocations: 30, coarseChannels: 1 })
  expect(await valuesOf(playbackMetrics({ counts }))).toEqual([
    'headwater_playback_decisions_total{outcome="granted"} 9',
    'headwater_playback_decisions_total{outcome="refused"} 4',
    'headwater_playback_tokens_limited_total 2',
    'headwater_revocations 30',
    'headwater_revocation_coarse_channels 1',
  ])
})
