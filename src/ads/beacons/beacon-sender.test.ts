import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryStore } from '../../../test/harness/databases.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { BeaconQueue } from '../../domain/beacon-queue.ts'
import type { DueBeacon } from '../beacon.ts'
import { someViewer } from './ad-fixture.ts'
import type { BeaconLogEntry } from './beacon-log.ts'
import { plainTransport, startBeaconReceiver, type BeaconReceiver } from './beacon-receiver.ts'
import { BeaconSender, type BeaconSenderOptions } from './beacon-sender.ts'

const HOUR_MS = 3_600_000

function dueAt(address: string, event: string, changes: Partial<DueBeacon> = {}): DueBeacon {
  const urls = [`${address}/${event}`]
  return { breakId: 'AdBreak00001', adIndex: 0, event, urls, configurationName: 'ads', ...changes }
}

async function someQueue(): Promise<BeaconQueue> {
  const store = await temporaryStore()
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store.beacons
}

async function someReceiver(): Promise<BeaconReceiver> {
  const receiver = await startBeaconReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  return receiver
}

function someDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'headwater-beacons-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function startSender(queue: BeaconQueue, changes: Partial<BeaconSenderOptions> = {}) {
  const entries: BeaconLogEntry[] = []
  const sender = new BeaconSender({
    queue,
    directory: someDirectory(),
    transport: plainTransport,
    nodeId: 'node',
    clock: systemClock,
    logger: silentLogger,
    logSink: (entry) => entries.push(entry),
    random: () => 0,
    ...changes,
  })
  onTestFinished(() => sender.close(0))
  return { sender, entries }
}

const pathsOf = ({ received }: BeaconReceiver): readonly string[] => received.map(({ path }) => path)

/** Until the sender has nothing left to do. */
async function settled(sender: BeaconSender): Promise<void> {
  await expect.poll(() => sender.waitingBeacons, { timeout: 5000, interval: 5 }).toBe(0)
}

/** Moves time on, in steps that give requests and writes a turn, until so many have arrived. */
async function advanceUntil(clock: ManualClock, stepMs: number, isDone: () => boolean): Promise<void> {
  const step = (): boolean => {
    if (!isDone()) clock.advance(stepMs)
    return isDone()
  }
  await expect.poll(step, { timeout: 8000, interval: 10 }).toBe(true)
}

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

test('after a crash what waited is sent, and what was on its way is uncertain and stays alone', async () => {
  const receiver = await someReceiver()
  receiver.answerWith(() => 'silence')
  const queue = await someQueue()
  const directory = someDirectory()
  const silent = startSender(queue, { directory })
  const events = ['impression', 'start', 'complete']
  silent.sender.due(
    someViewer(),
    events.map((event) => dueAt(receiver.address, event)),
  )
  await receiver.has(1)
  await silent.sender.close(0)
  receiver.answerWith(() => 200)
  const { sender } = startSender(queue, { directory })
  sender.due(
    someViewer(),
    events.map((event) => dueAt(receiver.address, event)),
  )
  await receiver.has(3)
  await settled(sender)
  expect(pathsOf(receiver)).toEqual(['/impression', '/start', '/complete'])
  expect(sender.totals).toMatchObject({ arrived: 2, uncertain: 1 })
})

test('what is due is kept from the moment it is, even while the database is away', async () => {
  const receiver = await someReceiver()
  const queue = await someQueue()
  const directory = someDirectory()
  const never = (): Promise<never> => new Promise(() => undefined)
  const stuck = startSender({ ...queue, claim: never, removeUncertain: never }, { directory })
  stuck.sender.due(someViewer(), [dueAt(receiver.address, 'impression'), dueAt(receiver.address, 'start')])
  await stuck.sender.close(0)
  const { sender } = startSender(queue, { directory })
  await receiver.has(2)
  await settled(sender)
  expect(pathsOf(receiver)).toEqual(['/impression', '/start'])
  expect(sender.totals.uncertain).toBe(0)
})

test('after a crash each session goes on in the order in which its beacons became due', async () => {
  const receiver = await someReceiver()
  receiver.answerWith(() => 503)
  const queue = await someQueue()
  const [directory, clock] = [someDirectory(), new ManualClock()]
  const crashed = startSender(queue, { directory, clock })
  const sessions = ['one', 'two', 'three']
  const events = ['impression', 'start', 'midpoint', 'complete']
  const reported = [0, 1].flatMap((adIndex) => events.map((event) => ({ adIndex, event })))
  for (const { adIndex, event } of reported) {
    for (const sessionNumber of sessions) {
      const urls = [`${receiver.address}/${sessionNumber}/${adIndex}/${event}`]
      crashed.sender.due(someViewer({ sessionNumber }), [dueAt('', event, { adIndex, urls })])
    }
  }
  // The first of each has failed and waits, and everything waits behind it.
  await expect.poll(() => crashed.sender.totals.failedAttempts).toBe(sessions.length)
  await crashed.sender.close(0)
  const tried = receiver.received.length
  receiver.answerWith(() => 204)
  const restarted = startSender(queue, { directory, clock: new ManualClock(clock.nowMs() + 60_000) })
  await receiver.has(tried + sessions.length * reported.length)
  await settled(restarted.sender)
  const heard = Map.groupBy(pathsOf(receiver).slice(tried), (path) => path.split('/')[1])
  for (const session of sessions) {
    const wanted = reported.map(({ adIndex, event }) => `/${session}/${adIndex}/${event}`)
    expect(heard.get(session)).toEqual(wanted)
  }
})

test('nothing leaves whose departure cannot be written, until it can', async () => {
  const receiver = await someReceiver()
  const [directory, clock] = [someDirectory(), new ManualClock()]
  const { sender } = startSender(await someQueue(), { directory, clock })
  rmSync(directory, { recursive: true })
  sender.due(someViewer(), [dueAt(receiver.address, 'impression'), dueAt(receiver.address, 'start')])
  for (let second = 0; second < 5; second++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1000)
  }
  expect(receiver.received).toEqual([])
  mkdirSync(directory)
  await advanceUntil(clock, 1000, () => sender.totals.arrived === 2)
  expect(pathsOf(receiver)).toEqual(['/impression', '/start'])
  expect(sender.totals.failedAttempts).toBe(0)
})

test('a server that is stopped leaves what waits in the database, for whoever comes next', async () => {
  const receiver = await someReceiver()
  receiver.answerWith(() => 503)
  const queue = await someQueue()
  const directory = someDirectory()
  const { sender } = startSender(queue, { directory })
  sender.due(someViewer(), [dueAt(receiver.address, 'impression'), dueAt(receiver.address, 'start')])
  await receiver.has(1)
  await sender.close(5000)
  expect(readdirSync(directory)).toEqual([])
  expect(await queue.waitingLanes('node')).toMatchObject([{ count: 2 }])
})

test('a beacon that waits for its target moves from the journal to the database, and goes out once', async () => {
  const receiver = await someReceiver()
  receiver.answerWith(() => 503)
  const queue = await someQueue()
  const [directory, clock] = [someDirectory(), new ManualClock()]
  const { sender } = startSender(queue, { directory, clock })
  sender.due(someViewer(), [dueAt(receiver.address, 'impression'), dueAt(receiver.address, 'start')])
  await expect.poll(() => sender.totals.failedAttempts).toBe(1)
  const [file = ''] = readdirSync(directory)
  await advanceUntil(clock, 200, () => !readdirSync(directory).includes(file))
  expect(clock.monotonicMs()).toBeLessThan(30_000)
  expect(await queue.waitingLanes('node')).toMatchObject([{ count: 2 }])
  receiver.answerWith(() => 200)
  await advanceUntil(clock, 1000, () => sender.totals.arrived === 2)
  await settled(sender)
  expect(await queue.waitingLanes('node')).toEqual([])
  expect(pathsOf(receiver)).toEqual(['/impression', '/impression', '/start'])
  sender.due(someViewer(), [dueAt(receiver.address, 'start')])
  expect(sender.waitingBeacons).toBe(0)
})

test('a server that is silent for a minute is replaced, and sends nothing when it wakes up', async () => {
  const receiver = await someReceiver()
  const queue = await someQueue()
  const clock = new ManualClock()
  receiver.answerWith(() => 503)
  const sleeper = startSender(queue, { nodeId: 'sleeper', clock })
  sleeper.sender.due(
    someViewer(),
    ['impression', 'start'].map((event) => dueAt(receiver.address, event)),
  )
  await expect.poll(() => sleeper.sender.totals.failedAttempts).toBe(1)
  await advanceUntil(clock, 5000, () => clock.monotonicMs() >= 20_000)
  await expect.poll(async () => (await queue.waitingLanes('sleeper'))[0]?.count).toBe(2)
  receiver.answerWith(() => 200)
  const other = new ManualClock(clock.nowMs() + 61_000)
  const { sender } = startSender(queue, { nodeId: 'other', clock: other })
  await receiver.has(3)
  await settled(sender)
  clock.advance(40_000)
  await settled(sleeper.sender)
  expect(pathsOf(receiver)).toEqual(['/impression', '/impression', '/start'])
})

test('a database that fails for a while loses nothing and sends nothing twice', async () => {
  const receiver = await someReceiver()
  const queue = await someQueue()
  let calls = 0
  // Every second call fails, in turn before and after it has done its work.
  const moody =
    <Args extends unknown[], Answer>(run: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      const call = calls++
      if (call % 4 === 1) throw new Error('no database')
      const answer = await run(...args)
      if (call % 4 === 3) throw new Error('the answer was lost')
      return answer
    }
  const { sender } = startSender({
    ...queue,
    claim: moody(queue.claim),
    add: moody(queue.add),
    mark: moody(queue.mark),
    remove: moody(queue.remove),
    removeUncertain: moody(queue.removeUncertain),
    waitingLanes: moody(queue.waitingLanes),
  })
  const names = Array.from({ length: 5 }, (_, session) => `s${session}`)
  for (const sessionNumber of names) {
    const beacons = ['a', 'b'].map((event) =>
      dueAt(receiver.address, event, { urls: [`${receiver.address}/${sessionNumber}/${event}`] }),
    )
    sender.due(someViewer({ sessionNumber }), beacons)
  }
  await receiver.has(10)
  await settled(sender)
  expect(pathsOf(receiver).toSorted()).toEqual(names.flatMap((name) => [`/${name}/a`, `/${name}/b`]))
  expect(sender.totals).toMatchObject({ arrived: 10, uncertain: 0 })
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
