import { expect, test } from 'vitest'
import { BeaconCounters } from '../ads/beacons/beacon-counters.ts'
import { DecisionCounters } from '../ads/decision/decision-counters.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { MetricStore } from '../metrics/index.ts'
import { adSamplesTo } from './ad-samples.ts'

test('what is counted of ads is kept by account, configuration and domain', () => {
  const clock = new ManualClock()
  const store = new MetricStore({ clock, maxBytes: 1_000_000 })
  const sink = adSamplesTo(store, clock)
  const configuration = { accountId: '1', configurationName: 'sports' }
  new DecisionCounters(sink).skipped(configuration, 'NEW_CREATIVE')
  const beacons = new BeaconCounters(sink)
  beacons.due(configuration, 'impression')
  beacons.step('Fired', { ...configuration, event: 'impression', domain: 'ads.test' })
  // The service has no such metric by domain.
  beacons.step('Fired', { ...configuration, event: 'midpoint', domain: 'ads.test' })
  const byConfiguration = [{ name: 'ConfigurationName', value: 'sports' }]
  expect(store.series('1')).toEqual([
    { metric: 'AdNotReady', dimensions: byConfiguration },
    { metric: 'Avail.Impression', dimensions: byConfiguration },
    {
      metric: 'Avail.Impression.Fired',
      dimensions: [{ name: 'AdTrackingDomain', value: 'ads.test' }, ...byConfiguration],
    },
    { metric: 'SkippedReason.NewCreative', dimensions: byConfiguration },
  ])
  expect(store.series('2')).toEqual([])
})
