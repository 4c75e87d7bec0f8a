import { expect, test } from 'vitest'
import { RecordingLogger } from '../../../test/harness/recording-logger.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { BeaconCounters } from './beacon-counters.ts'
import { TroubleReport } from './beacon-log.ts'
import { SeenEvents } from './seen-events.ts'

test('however many domains ad servers name, a hundred are counted apart and the others together', () => {
  const counters = new BeaconCounters()
  for (let index = 0; index < 150; index++) {
    counters.step('Fired', {
      accountId: '1',
      configurationName: 'ads',
      event: 'complete',
      domain: `d${index}.test`,
    })
  }
  counters.step('Fired', { accountId: '1', configurationName: 'ads', event: 'complete', domain: 'd0.test' })
  counters.step('Fired', { accountId: '1', configurationName: 'ads', event: 'mute', domain: 'd0.test' })
  const fired = { name: 'Avail.Complete.Fired', configurationName: 'ads' }
  expect(counters.counts).toHaveLength(101)
  expect(counters.counts).toContainEqual({ ...fired, adTrackingDomain: 'other', count: 50 })
  expect(counters.counts).toContainEqual({ ...fired, adTrackingDomain: 'd0.test', count: 2 })
})

test('the memory of events is bounded, and forgets what was quiet longest', () => {
  const seen = new SeenEvents()
  for (let index = 0; index < 100_001; index++) seen.add(`s${index}/b`, 0, 'start', index)
  expect(seen.size).toBe(100_000)
  expect(seen.add('s0/b', 0, 'start', 100_001)).toBe(true)
  expect(seen.add('s100000/b', 0, 'start', 100_001)).toBe(false)
  seen.forget(700_000)
  expect(seen.size).toBe(1)
  expect(seen.add('s0/b', 0, 'start', 700_000)).toBe(false)
  expect(seen.add('s0/b', 100, 'start', 700_000)).toBe(false)
})

test('trouble is told once in ten seconds, with how much of it there was', () => {
  const [clock, logger] = [new ManualClock(), new RecordingLogger()]
  const report = new TroubleReport(logger, clock)
  for (let index = 0; index < 5; index++) report.note('dropped', { target: 'ads.test:80' })
  clock.advance(10_000)
  report.note('dropped', { target: 'ads.test:80' })
  expect(logger.lines.map(({ fields }) => fields['count'])).toEqual([1, 5])
})
