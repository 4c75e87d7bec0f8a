import { expect, test } from 'vitest'
import { RecordingLogger } from '../../../test/harness/recording-logger.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { BeaconCounters } from './beacon-counters.ts'
import { TroubleReport } from './beacon-log.ts'
import { ChainMemories } from './chain-memories.ts'

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

test('the memory of chains is bounded, and forgets what was quiet longest, but nothing that is not written down', () => {
  const memories = new ChainMemories()
  const first = memories.of('s0/b', 0)!
  for (let index = 1; index < 250_000; index++) memories.of(`s${index}/b`, index)
  first.openFiles = 1
  expect(memories.of('one more', 250_000)).toBeUndefined()
  first.openFiles = 0
  expect(memories.of('one more', 250_000)).toBeDefined()
  expect(memories.size).toBe(250_000)
  const kept = memories.of('s1/b', 250_000)!
  kept.openFiles = 1
  memories.forget(850_000 - 1)
  expect(memories.size).toBe(2)
  expect(memories.of('s1/b', 850_000)).toBe(kept)
  memories.touch(kept, 850_000)
  kept.openFiles = 0
  memories.forget(850_001)
  expect(memories.size).toBe(1)
})

test('trouble is told once in ten seconds, with how much of it there was', () => {
  const [clock, logger] = [new ManualClock(), new RecordingLogger()]
  const report = new TroubleReport(logger, clock)
  for (let index = 0; index < 5; index++) report.note('dropped', { target: 'ads.test:80' })
  clock.advance(10_000)
  report.note('dropped', { target: 'ads.test:80' })
  expect(logger.lines.map(({ fields }) => fields['count'])).toEqual([1, 5])
})
