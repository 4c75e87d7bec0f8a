/**
 * Feeds one target from the outbox: in order within a lane, at least once, as fast as the target takes it.
 *
 * Of several servers that share a database one at a time does this, the one that has the target's lease. What happened
 * is kept a moment after it happened; after a crash the events in between go out once more, with the same ids.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { EventOutbox } from '../domain/event-outbox.ts'
import { DeliveryLanes, type LaneHead } from './delivery-lanes.ts'
import { DeliveryLog, type DeliveryCounts } from './delivery-log.ts'
import { failed, type DeliveryOutcome, type EventSink } from './event-sink.ts'
import { WakeUp } from './wake-up.ts'

/** What feeding a target needs. */
export type TargetDispatcherOptions = {
  readonly target: string
  readonly sink: EventSink
  readonly outbox: Pick<EventOutbox, 'after' | 'get' | 'lease' | 'release' | 'state' | 'save'>
  /** Names this server among those that share the database. */
  readonly nodeId: string
  readonly clock: Clock
  readonly logger: Logger
  /** An event that still fails so long after it was written is given up. */
  readonly retryForMs: number
  /** From 0 up to, not including, 1; default Math.random. */
  readonly random?: () => number
}

const MAX_TAKEN_AT_ONCE = 100
/** Other servers write events too, and nobody tells of those. */
const LOOK_EVERY_MS = 1000
const LEASE_MS = 30_000
const RENEW_BEFORE_MS = 15_000
const LEASE_RETRY_MS = 5_000
const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 30_000

/** One target under way. */
export class TargetDispatcher {
  readonly #options: TargetDispatcherOptions
  readonly #log: DeliveryLog
  readonly #wakeUp: WakeUp
  readonly #running: Promise<void>
  readonly #abort = new AbortController()
  /** Calls to the sink that have not ended. */
  readonly #calls = new Set<Promise<void>>()
  /** What is taken up while this server feeds the target. */
  #lanes: DeliveryLanes | undefined
  #saving: Promise<void> | undefined
  /** Why feeding cannot go on with what is in memory. */
  #failure: Error | undefined
  #isLost = false
  #leasedUntilMs = -Infinity
  #closing = false

  constructor(options: TargetDispatcherOptions) {
    this.#options = options
    const logger = options.logger.with({ target: options.target })
    this.#log = new DeliveryLog(logger, options.clock)
    this.#wakeUp = new WakeUp(options.clock)
    this.#running = this.#run(logger)
  }

  /** What happened since the server started. */
  get counts(): DeliveryCounts {
    return this.#log.counts
  }

  /** Events that this server has taken up and that have not reached the target; 0 while another server feeds it. */
  get waitingEvents(): number {
    return this.#lanes?.waitingEvents ?? 0
  }

  /** There may be new events. */
  wake(): void {
    this.#wakeUp.now()
  }

  /** Delivers what is there, `limitMs` at most, and stops; what is left goes out after the next start. */
  async close(limitMs: number): Promise<void> {
    this.#closing = true
    this.#wakeUp.now()
    const limit = this.#options.clock.after(limitMs, () => {
      this.#abort.abort()
      this.#wakeUp.now()
    })
    await this.#running
    limit.cancel()
    await this.#options.sink[Symbol.asyncDispose]()
  }

  async #run(logger: Logger): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    while (!this.#isOver) {
      try {
        if (await this.#lease()) {
          await this.#feed()
          pauseMs = FIRST_PAUSE_MS
        } else if (this.#closing) return
        else await this.#wakeUp.within(LEASE_RETRY_MS)
      } catch (error) {
        if (this.#closing) return
        logger.warn('the outbox of events cannot be read or written, trying again', { err: error, pauseMs })
        await this.#wakeUp.after(pauseMs)
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
      }
    }
  }

  get #isOver(): boolean {
    return this.#abort.signal.aborted
  }

  /** Feeds the target until the lease is lost or there is nothing more to do before the end. */
  async #feed(): Promise<void> {
    const { outbox, target, retryForMs, random = Math.random } = this.#options
    const lanes = new DeliveryLanes(await outbox.state(target), { retryForMs, random })
    this.#lanes = lanes
    this.#failure = undefined
    this.#isLost = false
    try {
      while (await this.#step(lanes));
    } finally {
      this.#lanes = undefined
      await Promise.allSettled(this.#calls)
      await this.#saving
    }
    await this.#keep(lanes)
    if (this.#closing) {
      await outbox.release(target, this.#options.nodeId)
      this.#abort.abort()
    }
  }

  /** One round; false when the lease is lost, or everything is done and this is to end. */
  async #step(lanes: DeliveryLanes): Promise<boolean> {
    if (this.#failure) throw this.#failure
    if (this.#isLost || !(await this.#lease())) return false
    const took = await this.#takeUp(lanes)
    this.#send(lanes)
    this.#saveSoon(lanes)
    if (this.#isOver) return false
    if (took === MAX_TAKEN_AT_ONCE) return true
    if (this.#closing && took === 0 && lanes.isIdle && this.#calls.size === 0) return false
    await this.#wakeUp.within(this.#restMs(lanes))
    return true
  }

  #restMs(lanes: DeliveryLanes): number {
    const { sink, clock } = this.#options
    // The end of a call wakes this up.
    if (this.#calls.size >= sink.maxCallsAtOnce) return LOOK_EVERY_MS
    return Math.max(0, Math.min(lanes.nextDueMs - clock.nowMs(), LOOK_EVERY_MS))
  }

  async #takeUp(lanes: DeliveryLanes): Promise<number> {
    if (!lanes.hasRoom) return 0
    const events = await this.#options.outbox.after(lanes.taken, MAX_TAKEN_AT_ONCE)
    lanes.take(events)
    return events.length
  }

  #send(lanes: DeliveryLanes): void {
    const { sink, clock } = this.#options
    while (this.#calls.size < sink.maxCallsAtOnce && !this.#isOver) {
      const heads = lanes.next(sink.maxBatchEvents, clock.nowMs())
      if (heads.length === 0) return
      const call = this.#call(lanes, heads).finally(() => {
        this.#calls.delete(call)
        this.#wakeUp.now()
      })
      this.#calls.add(call)
    }
  }

  async #call(lanes: DeliveryLanes, heads: readonly LaneHead[]): Promise<void> {
    const missing = lanes.missing(heads)
    try {
      if (missing.length > 0) lanes.fill(await this.#options.outbox.get(missing))
    } catch (error) {
      this.#failure = asError(error)
      lanes.putBack(heads)
      return
    }
    const found = heads.flatMap((head) => {
      const event = lanes.eventOf(head)
      if (!event) this.#settle(lanes, head, failed('it is not kept any more'))
      return event ? [{ head, event }] : []
    })
    if (found.length === 0) return
    const outcomes = await this.#deliver(found.map(({ event }) => event))
    if (this.#isOver && outcomes.every(({ kind }) => kind === 'failed')) lanes.putBack(heads)
    else
      found.forEach(({ head }, index) => this.#settle(lanes, head, outcomes[index] ?? failed('no outcome')))
  }

  async #deliver(events: Parameters<EventSink['deliver']>[0]): Promise<readonly DeliveryOutcome[]> {
    try {
      return await this.#options.sink.deliver(events, this.#abort.signal)
    } catch (error) {
      return events.map(() => failed(error))
    }
  }

  #settle(lanes: DeliveryLanes, head: LaneHead, outcome: DeliveryOutcome): void {
    const event = lanes.eventOf(head)
    const fate = lanes.settle(head, outcome, this.#options.clock.nowMs())
    if (outcome.kind === 'delivered') this.#log.delivered()
    else if (fate === 'given up') this.#log.givenUp(event, head.sequence, outcome.reason)
    else this.#log.failed(event, outcome.reason)
  }

  #saveSoon(lanes: DeliveryLanes): void {
    if (this.#saving || !lanes.hasChanges) return
    this.#saving = this.#keep(lanes)
      .catch((error: unknown) => {
        this.#failure = asError(error)
      })
      .finally(() => {
        this.#saving = undefined
        this.#wakeUp.now()
      })
  }

  async #keep(lanes: DeliveryLanes): Promise<void> {
    if (this.#isLost || !lanes.hasChanges) return
    const { outbox, target, nodeId, clock } = this.#options
    const isKept = await outbox.save({ target, nodeId, nowMs: clock.nowMs(), ...lanes.takeChanges() })
    // What was taken up here is another server's now: begin anew, from what is kept.
    if (!isKept) this.#isLost = true
  }

  async #lease(): Promise<boolean> {
    const { outbox, target, nodeId, clock } = this.#options
    const monotonicMs = clock.monotonicMs()
    if (monotonicMs < this.#leasedUntilMs - RENEW_BEFORE_MS) return true
    const nowMs = clock.nowMs()
    const isOurs = await outbox.lease(target, nodeId, nowMs, nowMs + LEASE_MS)
    this.#leasedUntilMs = isOurs ? monotonicMs + LEASE_MS : -Infinity
    return isOurs
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
