/**
 * Which event goes to a target next: the first of every lane that is neither under way nor waiting after a failure.
 *
 * Holds the events between a target's place in the outbox and what is settled, and gathers what must be kept of it.
 * Pure: what time it is and what became of an event is told.
 */
import type {
  DeadLetter,
  OutboxEvent,
  ParkedEvent,
  TargetProgress,
  TargetState,
} from '../domain/event-outbox.ts'
import { backOffMs } from './back-off.ts'
import type { DeliveryOutcome } from './event-sink.ts'

/** The first event of a lane, on its way to the target. */
export type LaneHead = {
  readonly lane: string
  readonly sequence: number
  /** Undefined until it is filled in, as for events that were parked. */
  readonly event: OutboxEvent | undefined
}

/** How patient the lanes are. */
export type DeliveryLanesOptions = {
  /** An event that still fails so long after it was written is given up. */
  readonly retryForMs: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** What must be kept since the last time. */
export type LaneChanges = Pick<TargetProgress, 'cursor' | 'parked' | 'delivered' | 'dead'>

type Waiting = { readonly sequence: number; event: OutboxEvent | undefined; parked: boolean }

type Lane = {
  readonly name: string
  readonly queue: Waiting[]
  isUnderWay: boolean
  /** Failures of the first in the queue. */
  attempts: number
  /** While it lies ahead, the lane waits. */
  retryAtMs: number
}

/** Most events held that no row of the database stands for. */
const MAX_OPEN_EVENTS = 500
/** Most events that failed or wait behind one that did. */
const MAX_PARKED_EVENTS = 10_000
/** Events of a lane that are fetched together. */
const MAX_FILLED_EVENTS = 20

/** The lanes of one target. */
export class DeliveryLanes {
  readonly #options: DeliveryLanesOptions
  readonly #lanes = new Map<string, Lane>()
  /** Lanes that may have something to send, in the order of their turn. */
  readonly #ready = new Set<Lane>()
  readonly #delayed = new Set<Lane>()
  /** No delayed lane is due before. */
  #earliestDueMs = Infinity
  /** Taken and neither settled nor parked; the first is the oldest. */
  readonly #open = new Set<number>()
  #taken: number
  #savedCursor: number
  #parkedCount = 0
  readonly #parked = new Map<number, ParkedEvent>()
  readonly #delivered = new Set<number>()
  readonly #dead = new Map<number, DeadLetter>()

  constructor(state: TargetState, options: DeliveryLanesOptions) {
    this.#options = options
    this.#taken = state.cursor
    this.#savedCursor = state.cursor
    for (const { sequence, lane: name, attempts, retryAtMs } of state.parked) {
      const lane = this.#lane(name)
      lane.queue.push({ sequence, event: undefined, parked: true })
      this.#parkedCount++
      if (lane.queue.length > 1) continue
      lane.attempts = attempts
      this.#delay(lane, retryAtMs)
    }
  }

  /** The place behind which events were not taken yet. */
  get taken(): number {
    return this.#taken
  }

  /** Whether more events may be taken. */
  get hasRoom(): boolean {
    return this.#open.size < MAX_OPEN_EVENTS && this.#parkedCount < MAX_PARKED_EVENTS
  }

  /** Whether nothing is left but what waits for another attempt. */
  get isIdle(): boolean {
    return this.#open.size === 0 && this.#ready.size === 0
  }

  /** Events that were taken and are neither delivered nor given up. */
  get waitingEvents(): number {
    return this.#open.size + this.#parkedCount
  }

  /** Whether there is something to keep. */
  get hasChanges(): boolean {
    const { size } = this.#parked
    return size + this.#delivered.size + this.#dead.size > 0 || this.#cursor() !== this.#savedCursor
  }

  /** Takes events up, which follow those taken before. */
  take(events: readonly OutboxEvent[]): void {
    for (const event of events) {
      const lane = this.#lane(event.lane)
      const { sequence } = event
      this.#taken = sequence
      const waiting: Waiting = { sequence, event, parked: false }
      // Behind a parked event every other is parked as well.
      if (lane.queue.at(-1)?.parked) this.#park(lane, waiting)
      else this.#open.add(sequence)
      lane.queue.push(waiting)
      if (!lane.isUnderWay && !this.#delayed.has(lane)) this.#ready.add(lane)
    }
  }

  /** At most `limit` events to send now, each of another lane; they are under way from here on. */
  next(limit: number, nowMs: number): readonly LaneHead[] {
    this.#endDelays(nowMs)
    const heads: LaneHead[] = []
    for (const lane of this.#ready) {
      if (heads.length >= limit) break
      const [first] = lane.queue
      this.#ready.delete(lane)
      if (!first) continue
      lane.isUnderWay = true
      heads.push({ lane: lane.name, sequence: first.sequence, event: first.event })
    }
    return heads
  }

  /** Places of the events that must be fetched before `heads` can be sent, with some that follow them. */
  missing(heads: readonly LaneHead[]): readonly number[] {
    return heads.flatMap((head) => {
      if (head.event) return []
      const queue = this.#lanes.get(head.lane)?.queue ?? []
      return queue.slice(0, MAX_FILLED_EVENTS).flatMap(({ sequence, event }) => (event ? [] : [sequence]))
    })
  }

  /** Fills in events that were fetched. */
  fill(events: readonly OutboxEvent[]): void {
    const bySequence = new Map(events.map((event) => [event.sequence, event]))
    for (const name of new Set(events.map(({ lane }) => lane))) {
      for (const waiting of this.#lanes.get(name)?.queue.slice(0, MAX_FILLED_EVENTS) ?? []) {
        waiting.event ??= bySequence.get(waiting.sequence)
      }
    }
  }

  /** The event of a head that was filled in; undefined when it is not kept any more. */
  eventOf(head: LaneHead): OutboxEvent | undefined {
    return this.#lanes.get(head.lane)?.queue[0]?.event
  }

  /** Ends what `next` began. Tells what becomes of the event. */
  settle(head: LaneHead, outcome: DeliveryOutcome, nowMs: number): 'delivered' | 'tried again' | 'given up' {
    const lane = this.#lanes.get(head.lane)
    const first = lane?.queue[0]
    if (!lane || !first) return 'delivered'
    lane.isUnderWay = false
    if (outcome.kind === 'delivered') {
      if (first.parked) this.#delivered.add(first.sequence)
      this.#forget(lane, first)
      return 'delivered'
    }
    lane.attempts++
    if (!first.event || nowMs - first.event.writtenAtMs >= this.#options.retryForMs) {
      const { attempts } = lane
      this.#dead.set(first.sequence, { sequence: first.sequence, attempts, reason: outcome.reason })
      this.#forget(lane, first)
      return 'given up'
    }
    this.#delay(lane, nowMs + backOffMs(lane.attempts, this.#options.random()))
    for (const waiting of lane.queue) if (waiting === first || !waiting.parked) this.#park(lane, waiting)
    return 'tried again'
  }

  /** Ends what `next` began as if it had not. */
  putBack(heads: readonly LaneHead[]): void {
    for (const head of heads) {
      const lane = this.#lanes.get(head.lane)
      if (!lane) continue
      lane.isUnderWay = false
      this.#ready.add(lane)
    }
  }

  /** No lane that waits is due before; Infinity when none waits. */
  get nextDueMs(): number {
    return this.#earliestDueMs
  }

  /** What must be kept since the last call, which counts as kept from here on. */
  takeChanges(): LaneChanges {
    const changes = {
      cursor: this.#cursor(),
      parked: [...this.#parked.values()],
      delivered: [...this.#delivered],
      dead: [...this.#dead.values()],
    }
    this.#savedCursor = changes.cursor
    this.#parked.clear()
    this.#delivered.clear()
    this.#dead.clear()
    return changes
  }

  #cursor(): number {
    const [oldest] = this.#open
    return oldest === undefined ? this.#taken : oldest - 1
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name)
    if (known) return known
    const lane: Lane = { name, queue: [], isUnderWay: false, attempts: 0, retryAtMs: 0 }
    this.#lanes.set(name, lane)
    return lane
  }

  #delay(lane: Lane, untilMs: number): void {
    lane.retryAtMs = untilMs
    this.#ready.delete(lane)
    this.#delayed.add(lane)
    this.#earliestDueMs = Math.min(this.#earliestDueMs, untilMs)
  }

  #endDelays(nowMs: number): void {
    if (nowMs < this.#earliestDueMs) return
    this.#earliestDueMs = Infinity
    for (const lane of this.#delayed) {
      if (lane.retryAtMs <= nowMs) {
        this.#delayed.delete(lane)
        this.#ready.add(lane)
      } else this.#earliestDueMs = Math.min(this.#earliestDueMs, lane.retryAtMs)
    }
  }

  #park(lane: Lane, waiting: Waiting): void {
    const { sequence } = waiting
    if (!waiting.parked) this.#parkedCount++
    waiting.parked = true
    // Thousands may wait for hours: their places are enough.
    waiting.event = undefined
    this.#open.delete(sequence)
    const isFirst = lane.queue[0] === waiting
    const attempts = isFirst ? lane.attempts : 0
    this.#parked.set(sequence, { sequence, lane: lane.name, attempts, retryAtMs: lane.retryAtMs })
  }

  #forget(lane: Lane, first: Waiting): void {
    if (first.parked) this.#parkedCount--
    this.#parked.delete(first.sequence)
    this.#open.delete(first.sequence)
    lane.queue.shift()
    lane.attempts = 0
    if (lane.queue.length > 0) this.#ready.add(lane)
    else this.#lanes.delete(lane.name)
  }
}
