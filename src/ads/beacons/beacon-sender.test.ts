import { expect, test } from 'vitest'
import {
  advanceUntil,
  dueAt,
  pathsOf,
  settled,
  someQueue,
  someReceiver,
  startSender,
} from '../../../test/harness/beacon-senders.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { BeaconQueue } from '../../domain/beacon-queue.ts'
import { someViewer } from './ad-fixture.ts'
import { startBeaconReceiver } from './beacon-receiver.ts'

const HOUR_MS = 3_600_000

test('tells the ad server in order, in the name of the viewer, with macros filled in (ssai 3.7)', async () => {
  const receiver = await someReceiver()
  const { sender, entries } = startSender(await someQueue(), { clock: new ManualClock(), random: () => 0.5 })
  const events = ['impression', 'creativeView', 'start', 'firstQuartile']
  const macros = '?c=[CACHEBUSTING]&t=[TIMESTAMP]&ip=[DEVICEIP]'
  sender.due(
    someViewer({ userAgent: 'Viewer/1.0 \u{1f4fa}\r\nX: y' }),
    events.map((event) =>
      dueAt(receiver.address, event, { urls: [`${receiver.address}/${event}${macros}`] }),
    ),
  )
  await receiver.has(4)
  const filled = '?c=50000000&t=2026-01-01T00%3A00%3A00.000Z&ip=203.0.113.9'
  expect(pathsOf(receiver)).toEqual(events.map((event) => `/${event}${filled}`))
  expect(receiver.received[0]?.headers).toMatchObject({
    'user-agent': 'Viewer/1.0 X: y',
    'x-forwarded-for': '203.0.113.9',
    'x-device-ip': '203.0.113.9',
    'x-device-user-agent': 'Viewer/1.0 X: y',
  })
  await settled(sender)
  expect(entries.map(({ eventType, event, outcome }) => [eventType, event, outcome])).toEqual(
    events.map((event) => ['BEACON_FIRED', event, 'answered 204']),
  )
  expect(sender.totals).toMatchObject({ arrived: 4, failedAttempts: 0, givenUp: 0, dropped: 0, uncertain: 0 })
  const target = { configurationName: 'ads', adTrackingDomain: undefined, count: 1 }
  expect(sender.counts).toContainEqual({ ...target, name: 'Avail.FirstQuartile' })
  const domain = { ...target, adTrackingDomain: '127.0.0.1' }
  expect(sender.counts).toContainEqual({ ...domain, name: 'Avail.Impression.Fired' })
})

test('reports an event once, however often and from wherever it becomes due, also after a new start', async () => {
  const receiver = await someReceiver()
  const queue = await someQueue()
  const first = startSender(queue).sender
  const beacons = ['impression', 'start'].map((event) => dueAt(receiver.address, event))
  for (let round = 0; round < 3; round++) first.due(someViewer(), beacons)
  await receiver.has(2)
  await settled(first)
  await first.close(1000)
  const second = startSender(queue).sender
  second.due(someViewer(), [...beacons, dueAt(receiver.address, 'complete')])
  second.due(someViewer(), [dueAt(receiver.address, 'start', { adIndex: 1 })])
  second.due(someViewer({ sessionNumber: 'Session2' }), [dueAt(receiver.address, 'start')])
  await receiver.has(5)
  await settled(second)
  expect(pathsOf(receiver).toSorted()).toEqual(['/complete', '/impression', '/start', '/start', '/start'])
  expect(second.counts.find(({ name }) => name === 'Avail.Impression')).toBeUndefined()
})

test('tries again half a minute later, in order, until the target is back (ssai 3.7)', async () => {
  const receiver = await someReceiver()
  const clock = new ManualClock()
  const arrivedMs: number[] = []
  receiver.answerWith(() => {
    arrivedMs.push(clock.monotonicMs())
    return arrivedMs.length <= 3 ? 503 : 200
  })
  const { sender } = startSender(await someQueue(), { clock })
  sender.due(
    someViewer(),
    ['impression', 'start'].map((event) => dueAt(receiver.address, event)),
  )
  await advanceUntil(clock, 1000, () => sender.totals.arrived === 2)
  expect(pathsOf(receiver)).toEqual(['/impression', '/impression', '/impression', '/impression', '/start'])
  const [first = 0, second = 0, third = 0, fourth = 0] = arrivedMs
  expect(Math.min(second - first, third - second, fourth - third)).toBeGreaterThanOrEqual(30_000)
  expect(fourth - first).toBeLessThan(120_000)
  expect(sender.totals).toMatchObject({ arrived: 2, failedAttempts: 3 })
  const steps = sender.counts.filter(({ adTrackingDomain }) => adTrackingDomain !== undefined)
  expect(steps.map(({ name, count }) => [name, count])).toEqual([
    ['Avail.Impression.Retried', 3],
    ['Avail.Impression.Fired', 1],
    ['Avail.Impression.Recovered', 1],
    ['Avail.Start.Fired', 1],
  ])
})

test('neither a silent nor a dead target holds up another', async () => {
  const [silent, dead, healthy] = [await someReceiver(), await startBeaconReceiver(), await someReceiver()]
  silent.answerWith(() => 'silence')
  await dead[Symbol.asyncDispose]()
  const { sender } = startSender(await someQueue())
  for (let session = 0; session < 200; session++) {
    const urls = [silent, dead, healthy].map(({ address }) => `${address}/${session}`)
    sender.due(someViewer({ sessionNumber: `s${session}` }), [dueAt('', 'start', { urls })])
  }
  await healthy.has(200)
  expect(new Set(pathsOf(healthy)).size).toBe(200)
  // Nothing was ever answered, so nothing more was asked.
  expect(silent.mostAtOnce()).toBeLessThanOrEqual(8)
})

test('gives up after an hour, and says so', async () => {
  const dead = await startBeaconReceiver()
  await dead[Symbol.asyncDispose]()
  const clock = new ManualClock()
  const { sender, entries } = startSender(await someQueue(), { clock })
  sender.due(
    someViewer(),
    ['impression', 'start'].map((event) => dueAt(dead.address, event)),
  )
  await advanceUntil(clock, 31_000, () => sender.totals.givenUp === 2)
  expect(clock.monotonicMs()).toBeGreaterThan(HOUR_MS - 60_000)
  expect(sender.totals.failedAttempts).toBeGreaterThan(10)
  await settled(sender)
  expect(entries.map(({ eventType, event }) => [eventType, event]).toSorted()).toEqual([
    ['ERROR_FIRING_BEACON_FAILED', 'impression'],
    ['ERROR_FIRING_BEACON_FAILED', 'start'],
  ])
  expect(JSON.stringify(entries)).not.toContain(`${dead.address}/`)
})

test('a refusal for good, and an address that cannot be called, are not tried again', async () => {
  const receiver = await someReceiver()
  receiver.answerWith(() => 404)
  const { sender, entries } = startSender(await someQueue())
  const addresses = [
    `${receiver.address}/x`,
    'ftp://ads.test/x',
    'no address',
    `http://ads.test/${'x'.repeat(9000)}`,
  ]
  sender.due(someViewer(), [dueAt('', 'start', { urls: addresses })])
  await receiver.has(1)
  await settled(sender)
  expect(sender.totals).toMatchObject({ arrived: 0, givenUp: 4, failedAttempts: 0 })
  expect(entries.map(({ outcome }) => outcome).toSorted()).toEqual([
    'answered 404',
    ...[
      'not an address that can be called',
      'not an address that can be called',
      'not an address that can be called',
    ],
  ])
})

test('a thousand beacons that go out at once cost the database a few words about their sessions', async () => {
  const receiver = await someReceiver()
  const queue = await someQueue()
  const calls = { claim: 0, add: 0, mark: 0, remove: 0 }
  const { sender } = startSender({
    ...queue,
    claim: (...args) => (calls.claim++, queue.claim(...args)),
    add: (...args) => (calls.add++, queue.add(...args)),
    mark: (...args) => (calls.mark++, queue.mark(...args)),
    remove: (...args) => (calls.remove++, queue.remove(...args)),
  })
  for (let session = 0; session < 1000; session++) {
    const urls = [`${receiver.address}/${session}`]
    sender.due(someViewer({ sessionNumber: `s${session}` }), [dueAt('', 'start', { urls })])
  }
  await receiver.has(1000)
  await settled(sender)
  expect(new Set(pathsOf(receiver)).size).toBe(1000)
  expect(receiver.received.length).toBe(1000)
  expect(calls.claim).toBeLessThanOrEqual(5)
  expect(calls).toMatchObject({ add: 0, mark: 0, remove: 0 })
  expect(receiver.mostAtOnce()).toBeLessThanOrEqual(512)
})

test('when the database takes nothing, what waits for it is bounded and the rest is counted', () => {
  const never = (): Promise<never> => new Promise(() => undefined)
  const queue = { claim: never, removeUncertain: never } as unknown as BeaconQueue
  const { sender } = startSender(queue, { clock: new ManualClock() })
  for (let session = 0; session < 2001; session++) {
    const urls = new Array<string>(100).fill('http://ads.test/')
    sender.due(someViewer({ sessionNumber: `s${session}` }), [dueAt('', 'start', { urls })])
  }
  expect(sender.waitingBeacons).toBe(200_000)
  expect(sender.totals.dropped).toBe(100)
})
