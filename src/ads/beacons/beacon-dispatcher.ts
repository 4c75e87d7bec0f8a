/**
 * Sends the beacons that the database has, a lane for each target: reads what waits, marks what leaves, settles what is over.
 *
 * A slow or dead target has a slow lane of its own and takes nothing from the others.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { BeaconQueue, QueuedBeacon, WaitingLane } from '../../domain/beacon-queue.ts'
import { fillMacros } from '../../media/vast/macros.ts'
import { BatchedWrite } from './batched-write.ts'
import { beaconHeaders, macroFacts, parseBody, type BeaconBody } from './beacon-body.ts'
import { BeaconLane, BEACON_LIFETIME_MS } from './beacon-lane.ts'
import type { BeaconOutcomes } from './beacon-outcomes.ts'
import {
  describeAnswer,
  judge,
  type BeaconAnswer,
  type BeaconRequest,
  type BeaconTransport,
} from './beacon-transport.ts'
import { BEACON_RETRY_MS } from './lane-pace.ts'

/** What the dispatcher needs. */
export type BeaconDispatcherOptions = {
  readonly queue: Pick<BeaconQueue, 'mark' | 'putBack' | 'settle' | 'waiting'>
  readonly transport: BeaconTransport
  readonly nodeId: string
  readonly clock: Clock
  readonly outcomes: BeaconOutcomes
  readonly random: () => number
}

/** A beacon and the lane it is in. */
type Leaving = { readonly lane: BeaconLane; readonly beacon: QueuedBeacon }
type Returning = Leaving & { readonly retryAtMs: number }

/** More targets than these share one lane. */
const MAX_LANES = 256
const SHARED_LANE = 'other:0'
/** More beacons than these are not kept: of one lane, and of this server. */
const MAX_LANE_BEACONS = 250_000
const MAX_BEACONS = 1_000_000
const MAX_REQUESTS_AT_ONCE = 1024
const REQUEST_TIMEOUT_MS = 3000
/** Small, because all of them are uncertain if the server dies before they are settled. */
const MAX_MARKED_AT_ONCE = 128
const MAX_SETTLED_AT_ONCE = 500
/** Up to so much later than they could be, so that those that failed together do not come back together. */
const RETRY_SPREAD_MS = 5000
const READ_RETRY_MS = 1000
const MIN_WAIT_MS = 20

/** All lanes of this server. */
export class BeaconDispatcher {
  readonly #options: BeaconDispatcherOptions
  readonly #lanes = new Map<string, BeaconLane>()
  /** How many of each lane are not settled, in memory or only in the database. */
  readonly #unsettled = new Map<string, number>()
  readonly #timers = new Map<BeaconLane, Timer>()
  /** Lanes that could send if fewer others did. */
  readonly #hungry = new Set<BeaconLane>()
  readonly #requests = new Set<Promise<void>>()
  readonly #marks: BatchedWrite<Leaving, ReadonlySet<string>>
  readonly #settles: BatchedWrite<Leaving, void>
  readonly #returns: BatchedWrite<Returning, void>
  #unsettledCount = 0
  #underWay = 0
  #isOpen = false

  constructor(options: BeaconDispatcherOptions) {
    this.#options = options
    const { queue, nodeId, clock, outcomes } = options
    const writing = { clock, onFailure: (error: unknown) => outcomes.notWritten(error) }
    this.#marks = new BatchedWrite({
      ...writing,
      maxItems: MAX_MARKED_AT_ONCE,
      write: (leaving) => queue.mark(nodeId, keysOf(leaving)),
      onWritten: (leaving, ours) => this.#leave(leaving, ours),
    })
    this.#settles = new BatchedWrite({
      ...writing,
      maxItems: MAX_SETTLED_AT_ONCE,
      write: (settled) => queue.settle(nodeId, keysOf(settled)),
      onWritten: (settled) => this.#release(settled),
    })
    this.#returns = new BatchedWrite({
      ...writing,
      maxItems: MAX_SETTLED_AT_ONCE,
      write: (returning) =>
        queue.putBack(nodeId, keysOf(returning), Math.max(...returning.map(({ retryAtMs }) => retryAtMs))),
      onWritten: (returning) => this.#return(returning),
    })
  }

  /** Beacons that wait or are on their way. */
  get unsettledBeacons(): number {
    return this.#unsettledCount
  }

  /** Name of the lane for a target. */
  laneFor(target: string): string {
    return this.#lanes.has(target) || this.#lanes.size < MAX_LANES ? target : SHARED_LANE
  }

  /** Whether the lane takes no more. */
  isFull(lane: string): boolean {
    return this.#unsettledCount >= MAX_BEACONS || (this.#unsettled.get(lane) ?? 0) >= MAX_LANE_BEACONS
  }

  /** Begins to send. */
  open(): void {
    this.#isOpen = true
    for (const lane of this.#lanes.values()) this.#pump(lane)
  }

  /** Beacons that were just written, in the order in which they were. */
  offer(beacons: readonly QueuedBeacon[]): void {
    const byLane = Map.groupBy(beacons, ({ lane }) => lane)
    for (const [name, some] of byLane) {
      this.#count(name, some.length)
      const lane = this.#lane(name)
      lane.offer(some)
      this.#pump(lane)
    }
  }

  /** The database has beacons in these lanes that were not offered. */
  readAgain(lanes: readonly WaitingLane[]): void {
    for (const { lane: name, count } of lanes) {
      this.#count(name, count - (this.#unsettled.get(name) ?? 0))
      const lane = this.#lane(name)
      lane.readAgain()
      this.#pump(lane)
    }
  }

  /** Ends what is under way and begins nothing more. */
  async finish(): Promise<void> {
    this.#isOpen = false
    for (const timer of this.#timers.values()) timer.cancel()
    await this.#marks.drained()
    await Promise.all(this.#requests)
    await Promise.all([this.#settles.drained(), this.#returns.drained()])
  }

  /** Writes nothing more. */
  stop(): void {
    this.#isOpen = false
    for (const write of [this.#marks, this.#settles, this.#returns]) write.stop()
  }

  #lane(name: string): BeaconLane {
    const known = this.#lanes.get(name)
    if (known) return known
    const lane = new BeaconLane(name)
    this.#lanes.set(name, lane)
    return lane
  }

  #count(lane: string, by: number): void {
    const before = this.#unsettled.get(lane) ?? 0
    const after = Math.max(before + by, 0)
    this.#unsettledCount += after - before
    this.#unsettled.set(lane, after)
  }

  /** Does what can be done in a lane now. */
  #pump(lane: BeaconLane): void {
    if (!this.#isOpen) return
    const nowMs = this.#options.clock.nowMs()
    for (const beacon of lane.takeExpired(nowMs)) this.#giveUp({ lane, beacon }, 'no success within an hour')
    this.#hungry.delete(lane)
    while (this.#underWay < MAX_REQUESTS_AT_ONCE) {
      const beacon = lane.next(nowMs)
      if (!beacon) break
      this.#underWay++
      this.#marks.add({ lane, beacon })
    }
    if (this.#underWay >= MAX_REQUESTS_AT_ONCE) this.#hungry.add(lane)
    this.#read(lane)
    this.#setTimer(lane, nowMs)
    if (lane.isEmpty) this.#forget(lane)
  }

  #read(lane: BeaconLane): void {
    const load = lane.beginLoad()
    if (!load) return
    const { queue, nodeId, outcomes, clock } = this.#options
    queue.waiting(nodeId, lane.name, load.afterPlace, load.limit).then(
      (beacons) => {
        lane.loaded(beacons, load)
        this.#pump(lane)
      },
      (error: unknown) => {
        outcomes.notWritten(error)
        clock.after(READ_RETRY_MS, () => {
          lane.loadFailed()
          this.#pump(lane)
        })
      },
    )
  }

  #setTimer(lane: BeaconLane, nowMs: number): void {
    this.#timers.get(lane)?.cancel()
    this.#timers.delete(lane)
    const dueMs = lane.nextDueMs(nowMs)
    if (dueMs === Infinity) return
    const run = (): void => {
      this.#timers.delete(lane)
      this.#pump(lane)
    }
    this.#timers.set(lane, this.#options.clock.after(Math.max(dueMs - nowMs, MIN_WAIT_MS), run))
  }

  #forget(lane: BeaconLane): void {
    this.#timers.get(lane)?.cancel()
    this.#timers.delete(lane)
    this.#hungry.delete(lane)
    this.#lanes.delete(lane.name)
    this.#count(lane.name, -Infinity)
    this.#unsettled.delete(lane.name)
  }

  #leave(leaving: readonly Leaving[], ours: ReadonlySet<string>): void {
    for (const one of leaving) {
      if (ours.has(one.beacon.key)) {
        const request = this.#send(one)
        this.#requests.add(request)
        void request.finally(() => this.#requests.delete(request))
        continue
      }
      this.#count(one.lane.name, -1)
      one.lane.drop(one.beacon)
      this.#freed(one.lane)
    }
  }

  async #send({ lane, beacon }: Leaving): Promise<void> {
    const { transport, clock, random, outcomes } = this.#options
    const body = parseBody(beacon.body)
    if (beacon.retryAtMs > 0) outcomes.retried(beacon, body)
    const facts = { nowMs: clock.nowMs(), random: random(), ...macroFacts(body) }
    const headers = beaconHeaders(body)
    const answer = await callSafely(transport, () => {
      return { url: fillMacros(body.url, facts), headers, timeoutMs: REQUEST_TIMEOUT_MS }
    })
    this.#end({ lane, beacon }, body, answer)
    this.#freed(lane)
  }

  #end(leaving: Leaving, body: BeaconBody, answer: BeaconAnswer): void {
    const { lane, beacon } = leaving
    const { clock, outcomes, random } = this.#options
    const nowMs = clock.nowMs()
    const verdict = judge(answer)
    lane.ended(verdict, nowMs)
    if (verdict === 'arrived') {
      outcomes.arrived(beacon, body, describeAnswer(answer))
      lane.finish(beacon)
      this.#settles.add(leaving)
      return
    }
    const retryAtMs = nowMs + BEACON_RETRY_MS + Math.floor(random() * RETRY_SPREAD_MS)
    if (verdict === 'hopeless' || retryAtMs >= beacon.dueAtMs + BEACON_LIFETIME_MS) {
      lane.finish(beacon)
      this.#giveUp(leaving, describeAnswer(answer))
      return
    }
    outcomes.failed()
    this.#returns.add({ ...leaving, retryAtMs })
  }

  #giveUp(leaving: Leaving, reason: string): void {
    const { beacon } = leaving
    this.#options.outcomes.givenUp(beacon, parseBody(beacon.body), reason)
    this.#settles.add(leaving)
  }

  #freed(lane: BeaconLane): void {
    this.#underWay--
    this.#pump(lane)
    for (const other of this.#hungry) {
      if (this.#underWay >= MAX_REQUESTS_AT_ONCE) return
      this.#pump(other)
    }
  }

  #release(settled: readonly Leaving[]): void {
    for (const { lane, beacon } of settled) {
      this.#count(lane.name, -1)
      lane.release(beacon)
    }
    for (const lane of lanesOf(settled)) this.#pump(lane)
  }

  #return(returning: readonly Returning[]): void {
    for (const { lane, beacon, retryAtMs } of returning) lane.retry(beacon, retryAtMs)
    for (const lane of lanesOf(returning)) this.#pump(lane)
  }
}

function keysOf(some: readonly Leaving[]): readonly string[] {
  return some.map(({ beacon }) => beacon.key)
}

function lanesOf(some: readonly Leaving[]): ReadonlySet<BeaconLane> {
  return new Set(some.map(({ lane }) => lane))
}

async function callSafely(transport: BeaconTransport, request: () => BeaconRequest): Promise<BeaconAnswer> {
  try {
    return await transport(request())
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : 'the request failed' }
  }
}
