import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryStore } from '../../test/harness/databases.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { silentLogger, type Logger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { EventOutbox, OutboxEvent } from '../domain/event-outbox.ts'
import type { Store } from '../store/index.ts'
import { DELIVERED, failed, type DeliveryOutcome, type EventSink } from './event-sink.ts'
import { TargetDispatcher } from './target-dispatcher.ts'

const TARGET = 'target'
const HOUR_MS = 3_600_000

let store: Store
let clock: ManualClock
let opened: AsyncDisposableStack

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  store = opened.use(await temporaryStore('SQLite'))
  // Events are dated by the machine's clock.
  clock = new ManualClock(Date.now())
  await store.eventOutbox.register(TARGET)
})
afterEach(() => opened.disposeAsync())

/** A receiver that answers as the test says, and keeps what it got. */
class ScriptedSink implements EventSink {
  readonly maxBatchEvents: number
  readonly maxCallsAtOnce = 4
  readonly received: string[] = []
  readonly attempted: string[] = []
  underWay = 0
  mostUnderWay = 0
  isClosed = false
  answer: (event: OutboxEvent) => DeliveryOutcome | Promise<DeliveryOutcome> = () => DELIVERED

  constructor(maxBatchEvents = 1) {
    this.maxBatchEvents = maxBatchEvents
  }

  readonly deliver = async (events: readonly OutboxEvent[], signal: AbortSignal) => {
    this.underWay++
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
    try {
      return await Promise.all(events.map((event) => Promise.race([this.#take(event), aborted])))
    } finally {
      this.underWay--
    }
  }

  async #take(event: OutboxEvent): Promise<DeliveryOutcome> {
    this.attempted.push(event.id)
    const outcome = await this.answer(event)
    if (outcome.kind === 'delivered') this.received.push(event.id)
    return outcome
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

type DispatchOptions = { nodeId?: string; outbox?: Partial<EventOutbox>; logger?: Logger }

function dispatch(sink: EventSink, options: DispatchOptions = {}): TargetDispatcher {
  const { nodeId = 'node', logger = silentLogger } = options
  const outbox = { ...store.eventOutbox, ...options.outbox }
  const timing = { clock, retryForMs: 24 * HOUR_MS, random: () => 0.5 }
  const dispatcher = new TargetDispatcher({ target: TARGET, sink, outbox, nodeId, logger, ...timing })
  opened.defer(async () => {
    const closed = dispatcher.close(0)
    clock.advance(60_000)
    await closed
  })
  return dispatcher
}

/** `A1` is of lane A. */
async function write(...ids: readonly string[]): Promise<void> {
  await store.eventOutbox.add(
    ids.map((id) => ({ id, accountId: 'account', lane: id.slice(0, 1), body: JSON.stringify({ id }) })),
  )
}

async function until(isSo: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(isSo()).toBe(true), { timeout: 5000, interval: 2 })
}

/** Lets the clock go on, little by little, until it is so. */
async function goOnUntil(isSo: () => boolean, stepMs = 250): Promise<void> {
  await vi.waitFor(
    () => {
      clock.advance(stepMs)
      expect(isSo()).toBe(true)
    },
    { timeout: 10_000, interval: 2 },
  )
}

const ofLane = (ids: readonly string[], lane: string) => ids.filter((id) => id.startsWith(lane))

test('delivers what was written since the target is known, a lane in order, a bounded number at once', async () => {
  await write('A1', 'A2', 'B1', 'C1', 'D1', 'E1', 'F1', 'A3')
  const sink = new ScriptedSink()
  const dispatcher = dispatch(sink)
  await until(() => sink.received.length === 8)
  expect(ofLane(sink.received, 'A')).toEqual(['A1', 'A2', 'A3'])
  await write('A4')
  dispatcher.wake()
  await until(() => sink.received.length === 9)
  expect(sink.mostUnderWay).toBe(4)
  expect(dispatcher.counts).toEqual({ delivered: 9, failedAttempts: 0, givenUp: 0 })
  await vi.waitFor(async () => expect((await store.eventOutbox.state(TARGET)).cursor).toBe(9))
})

test('finds what other servers write within a second', async () => {
  const sink = new ScriptedSink()
  dispatch(sink)
  await until(() => clock.pendingTimers > 0)
  await write('A1')
  clock.advance(1000)
  await until(() => sink.received.length === 1)
})

test('sends events of different lanes together where the receiver takes that', async () => {
  const sink = new ScriptedSink(10)
  await write('A1', 'B1', 'A2', 'C1')
  dispatch(sink)
  await until(() => sink.received.length === 4)
  expect(sink.received).toEqual(['A1', 'B1', 'C1', 'A2'])
})

test('a lane that fails waits longer each time and keeps its order; the others go on', async () => {
  const attemptsMs: number[] = []
  const startMs = clock.nowMs()
  const sink = new ScriptedSink()
  sink.answer = ({ id }) => {
    if (id !== 'A1') return DELIVERED
    attemptsMs.push(clock.nowMs() - startMs)
    return attemptsMs.length < 4 ? failed('answered 500') : DELIVERED
  }
  await write('A1', 'A2', 'B1', 'B2')
  dispatch(sink)
  await until(() => sink.received.length === 2)
  expect(sink.received).toEqual(['B1', 'B2'])
  await write('A3', 'B3')
  await goOnUntil(() => sink.received.length === 6)
  expect(ofLane(sink.received, 'A')).toEqual(['A1', 'A2', 'A3'])
  expect(sink.received.indexOf('B3')).toBeLessThan(sink.received.indexOf('A1'))
  const pauses = attemptsMs.slice(1).map((atMs, index) => atMs - attemptsMs[index]!)
  for (const [index, wantedMs] of [1000, 2000, 4000].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(wantedMs)
    expect(pauses[index]).toBeLessThan(wantedMs + 1500)
  }
  await vi.waitFor(async () => {
    expect(await store.eventOutbox.state(TARGET)).toEqual({ cursor: 6, deadLetters: 0, parked: [] })
  })
})

test('a receiver that hangs on one lane holds up no other', async () => {
  const sink = new ScriptedSink()
  sink.answer = ({ lane }) => (lane === 'A' ? new Promise<never>(() => undefined) : DELIVERED)
  await write('A1', ...Array.from({ length: 50 }, (_, index) => `B${index}`))
  dispatch(sink)
  await until(() => sink.received.length === 50)
})

test('an event that fails for a day is given up, logged and counted, and the next gets its chance', async () => {
  const logger = new RecordingLogger()
  const sink = new ScriptedSink()
  sink.answer = ({ id }) => (id === 'A1' ? failed('answered 400') : DELIVERED)
  await write('A1', 'A2')
  const dispatcher = dispatch(sink, { logger })
  await until(() => sink.attempted.length > 0)
  await goOnUntil(() => sink.received.length > 0, HOUR_MS / 2)
  expect(sink.received).toEqual(['A2'])
  const line = await logger.line('an event was given up')
  expect(line.fields).toEqual({ target: TARGET, eventId: 'A1', sequence: 1, reason: 'answered 400' })
  expect(dispatcher.counts.givenUp).toBe(1)
  await vi.waitFor(async () => {
    expect(await store.eventOutbox.state(TARGET)).toEqual({ cursor: 2, deadLetters: 1, parked: [] })
  })
})

test('what failed before a restart goes on after it, in order', async () => {
  const failing = new ScriptedSink()
  failing.answer = () => failed('away')
  await write('A1', 'A2')
  const first = dispatch(failing)
  await vi.waitFor(async () => expect((await store.eventOutbox.state(TARGET)).parked).toHaveLength(2))
  await first.close(1000)
  expect(failing.isClosed).toBe(true)
  await write('A3')
  const sink = new ScriptedSink()
  dispatch(sink)
  await goOnUntil(() => sink.received.length === 3)
  expect(sink.received).toEqual(['A1', 'A2', 'A3'])
})

test('goes on when the database comes back, and loses nothing', async () => {
  let isAway = false
  const orFail = <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) => {
    return (...args: Args) => (isAway ? Promise.reject(new Error('database away')) : run(...args))
  }
  const { after, save, lease, state } = store.eventOutbox
  const outbox = { after: orFail(after), save: orFail(save), lease: orFail(lease), state: orFail(state) }
  const sink = new ScriptedSink()
  const logger = new RecordingLogger()
  const gate = Promise.withResolvers<DeliveryOutcome>()
  sink.answer = ({ id }) => (id === 'A1' ? gate.promise : DELIVERED)
  await write('A1', 'A2')
  const dispatcher = dispatch(sink, { outbox, logger })
  await until(() => sink.attempted.length === 1)
  isAway = true
  gate.resolve(DELIVERED)
  dispatcher.wake()
  await logger.line('the outbox of events cannot be read or written, trying again')
  isAway = false
  await goOnUntil(() => sink.received.includes('A2'))
  const firstCopies = [...new Set(sink.received)]
  expect(firstCopies).toEqual(['A1', 'A2'])
})

test('of two servers one feeds the target, and the other takes over when it stops', async () => {
  const [one, other] = [new ScriptedSink(), new ScriptedSink()]
  const first = dispatch(one, { nodeId: 'one' })
  await write('A1')
  await until(() => one.received.length === 1)
  dispatch(other, { nodeId: 'other' })
  await write('A2')
  await goOnUntil(() => one.received.length === 2)
  await first.close(1000)
  await write('A3')
  await goOnUntil(() => other.received.length === 1)
  expect([one.received, other.received]).toEqual([['A1', 'A2'], ['A3']])
})

test('takes over from a server that died once its lease is over, and repeats what that did not keep', async () => {
  await store.eventOutbox.lease(TARGET, 'dead', clock.nowMs(), clock.nowMs() + 30_000)
  await write('A1', 'A2')
  const leases: boolean[] = []
  const lease: EventOutbox['lease'] = async (...wish) => {
    const isOurs = await store.eventOutbox.lease(...wish)
    leases.push(isOurs)
    return isOurs
  }
  const heir = new ScriptedSink()
  const startMs = clock.nowMs()
  dispatch(heir, { nodeId: 'heir', outbox: { lease } })
  await goOnUntil(() => heir.received.length === 2)
  expect(leases[0]).toBe(false)
  expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(30_000)
  expect(heir.received).toEqual(['A1', 'A2'])
})

test('before it stops it delivers what is there, within its limit', async () => {
  const sink = new ScriptedSink()
  const dispatcher = dispatch(sink)
  await write('A1', 'A2', 'B1')
  await dispatcher.close(1000)
  expect(sink.received).toHaveLength(3)
  expect((await store.eventOutbox.state(TARGET)).cursor).toBe(3)

  const hanging = new ScriptedSink()
  hanging.answer = () => new Promise<never>(() => undefined)
  await write('A3')
  const stuck = dispatch(hanging)
  await until(() => hanging.attempted.length === 1)
  const closed = stuck.close(1000)
  clock.advance(1000)
  await closed
  expect(await store.eventOutbox.state(TARGET)).toMatchObject({ cursor: 3, parked: [] })
})
