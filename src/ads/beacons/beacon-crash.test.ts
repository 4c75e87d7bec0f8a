import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  advanceUntil,
  dueAt,
  pathsOf,
  settled,
  someDirectory,
  someQueue,
  someReceiver,
  startSender,
} from '../../../test/harness/beacon-senders.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { someViewer } from './ad-fixture.ts'

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
