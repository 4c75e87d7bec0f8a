/**
 * Sends beacons, a lane for each target: what leaves, when, and what its answer means.
 *
 * A slow or dead target has a slow lane of its own and takes nothing from the others. Beacons that cannot go out at once
 * are handed to the database in time; how steps are kept is `beacon-steps.ts`.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { BeaconQueue, QueuedBeacon, WaitingLane } from '../../domain/beacon-queue.ts'
import { fillMacros } from '../../media/vast/macros.ts'
import { beaconHeaders, macroFacts, parseBody, type BeaconBody } from './beacon-body.ts'
import type { BeaconJournal } from './beacon-journal.ts'
import { BeaconLane, BEACON_LIFETIME_MS } from './beacon-lane.ts'
import type { BeaconOutcomes } from './beacon-outcomes.ts'
import { BeaconSteps, type LaneBeacon, type StoredBeacons } from './beacon-steps.ts'
import {
  describeAnswer,
  judge,
  type BeaconAnswer,
  type BeaconRequest,
  type BeaconTransport,
} from './beacon-transport.ts'

/** What the dispatcher needs. */
export type BeaconDispatcherOptions = {
  readonly queue: Pick<BeaconQueue, 'add' | 'mark' | 'putBack' | 'remove' | 'waiting'>
  readonly journal: BeaconJournal
  readonly transport: BeaconTransport
  readonly nodeId: string
  readonly clock: Clock
  readonly outcomes: BeaconOutcomes
  readonly random: () => number
  /** Beacons are tried again so long after a failure at the earliest; more than 0. */
  readonly retryMs: number
}

type LaneTimer = { readonly dueMs: number; readonly timer: Timer }

/** More targets than these share one lane. */
const MAX_LANES = 256
const SHARED_LANE = 'other:0'
/** More beacons than these are not kept: of one lane, and of this server. */
const MAX_LANE_BEACONS = 250_000
const MAX_BEACONS = 1_000_000
/** With more than these in the journal alone, lanes hand over all but a few. */
const MAX_JOURNAL_BEACONS = 131_072
const MAX_REQUESTS_AT_ONCE = 1024
const REQUEST_TIMEOUT_MS = 3000
/** Up to so much of the pause later than they could be, so that those that failed together do not come back together. */
const RETRY_SPREAD = 1 / 6
const READ_RETRY_MS = 1000
/** So long a beacon waits whose departure could not be written. */
const NOT_WRITTEN_PAUSE_MS = 1000
const MIN_WAIT_MS = 20

/** All lanes of this server. */
export class BeaconDispatcher {
  readonly #options: BeaconDispatcherOptions
  readonly #steps: BeaconSteps
  readonly #lanes = new Map<string, BeaconLane>()
  readonly #timers = new Map<BeaconLane, LaneTimer>()
  /** Lanes that could send if fewer others did. */
  readonly #hungry = new Set<BeaconLane>()
  readonly #requests = new Set<Promise<void>>()
  #unsettledCount = 0
  #underWay = 0
  #isOpen = false

  constructor(options: BeaconDispatcherOptions) {
    this.#options = options
    this.#steps = new BeaconSteps({
      ...options,
      onFailure: (error) => options.outcomes.notWritten(error),
      onLeaving: (leaving) => this.#begin(leaving),
      onForeign: (foreign) => this.#drop(foreign),
      onHeldBack: (heldBack) => this.#holdBack(heldBack),
      onOver: (over) => this.#release(over),
      onAgain: ({ lane, beacon }, retryAtMs) => this.#retry(lane, beacon, retryAtMs),
      onStored: (stored, known) => this.#stored(stored, known),
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
    const { unsettled = 0 } = this.#lanes.get(lane) ?? {}
    return this.#unsettledCount >= MAX_BEACONS || unsettled >= MAX_LANE_BEACONS
  }

  /** Begins to send. */
  open(): void {
    this.#isOpen = true
    for (const lane of this.#lanes.values()) this.#pump(lane)
  }

  /** New beacons, which the journal has, in the order in which they became due. */
  offer(beacons: readonly QueuedBeacon[]): void {
    const mayHoldMany = this.#options.journal.openBeacons < MAX_JOURNAL_BEACONS
    for (const [name, some] of Map.groupBy(beacons, ({ lane }) => lane)) {
      const lane = this.#lane(name)
      this.#count(lane, some.length)
      const rest = lane.offer(some, mayHoldMany)
      if (rest.length > 0) this.#steps.store({ lane, beacons: rest, isHeld: false })
      this.#pump(lane)
    }
  }

  /** Hands what is in the journal for long over to the database. */
  storeOld(): void {
    this.#store((key) => this.#options.journal.pagesSince(key))
  }

  /** Hands everything over. */
  storeAll(): void {
    this.#store((key) => (this.#options.journal.holds(key) ? Infinity : -1))
  }

  /** The database has beacons in these lanes that were not offered. */
  readAgain(lanes: readonly WaitingLane[]): void {
    for (const { lane: name, count } of lanes) {
      const lane = this.#lane(name)
      this.#count(lane, Math.max(count - lane.unsettled, 0))
      lane.readAgain()
      this.#pump(lane)
    }
  }

  /** Ends what is under way and begins nothing more. */
  async finish(): Promise<void> {
    this.#isOpen = false
    for (const { timer } of this.#timers.values()) timer.cancel()
    this.storeAll()
    await this.#steps.allLeft()
    await Promise.all(this.#requests)
    await this.#steps.drained()
  }

  /** Resolves when what is handed over is in the database. */
  async stored(): Promise<void> {
    await this.#steps.drained()
  }

  /** Writes nothing more. */
  stop(): void {
    this.#isOpen = false
    this.#steps.stop()
  }

  #store(pagesSince: (key: string) => number): void {
    for (const lane of this.#lanes.values()) {
      for (const beacons of lane.takeStorable(pagesSince)) {
        this.#steps.store({ lane, beacons, isHeld: true })
      }
    }
  }

  #lane(name: string): BeaconLane {
    const known = this.#lanes.get(name)
    if (known) return known
    const lane = new BeaconLane(name, this.#options.retryMs)
    this.#lanes.set(name, lane)
    return lane
  }

  #count(lane: BeaconLane, by: number): void {
    const after = Math.max(lane.unsettled + by, 0)
    this.#unsettledCount += after - lane.unsettled
    lane.unsettled = after
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
      this.#steps.leave({ lane, beacon })
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

  /** An early timer only finds nothing to do; so one is exchanged for an earlier one alone. */
  #setTimer(lane: BeaconLane, nowMs: number): void {
    const dueMs = lane.nextDueMs(nowMs)
    const set = this.#timers.get(lane)
    if (dueMs === Infinity || (set && set.dueMs <= dueMs)) return
    set?.timer.cancel()
    const run = (): void => {
      this.#timers.delete(lane)
      this.#pump(lane)
    }
    const timer = this.#options.clock.after(Math.max(dueMs - nowMs, MIN_WAIT_MS), run)
    this.#timers.set(lane, { dueMs, timer })
  }

  #forget(lane: BeaconLane): void {
    this.#timers.get(lane)?.timer.cancel()
    this.#timers.delete(lane)
    this.#hungry.delete(lane)
    this.#lanes.delete(lane.name)
    this.#count(lane, -lane.unsettled)
  }

  #begin(leaving: LaneBeacon): void {
    const request = this.#send(leaving)
    this.#requests.add(request)
    void request.finally(() => this.#requests.delete(request))
  }

  #drop({ lane, beacon }: LaneBeacon): void {
    this.#count(lane, -1)
    lane.drop(beacon)
    this.#freed(lane)
  }

  #holdBack({ lane, beacon }: LaneBeacon): void {
    lane.holdBack(beacon, this.#options.clock.nowMs() + NOT_WRITTEN_PAUSE_MS)
    this.#freed(lane)
  }

  async #send({ lane, beacon }: LaneBeacon): Promise<void> {
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

  #end(ended: LaneBeacon, body: BeaconBody, answer: BeaconAnswer): void {
    const { lane, beacon } = ended
    const { clock, outcomes, random, retryMs } = this.#options
    const nowMs = clock.nowMs()
    const verdict = judge(answer)
    lane.ended(verdict, nowMs)
    if (verdict === 'arrived') {
      outcomes.arrived(beacon, body, describeAnswer(answer))
      lane.finish(beacon)
      this.#settle(ended)
      return
    }
    const retryAtMs = nowMs + Math.floor(retryMs * (1 + random() * RETRY_SPREAD))
    if (verdict === 'hopeless' || retryAtMs >= beacon.dueAtMs + BEACON_LIFETIME_MS) {
      lane.finish(beacon)
      this.#giveUp(ended, describeAnswer(answer))
      return
    }
    outcomes.failed()
    this.#steps.again(ended, retryAtMs)
  }

  #giveUp(over: LaneBeacon, reason: string): void {
    const { beacon } = over
    this.#options.outcomes.givenUp(beacon, parseBody(beacon.body), reason)
    this.#settle(over)
  }

  #settle(over: LaneBeacon): void {
    if (this.#steps.over(over)) this.#forgetBeacon(over)
  }

  #forgetBeacon({ lane, beacon }: LaneBeacon): void {
    this.#count(lane, -1)
    lane.release(beacon)
  }

  #freed(lane: BeaconLane): void {
    this.#underWay--
    this.#pump(lane)
    for (const other of this.#hungry) {
      if (this.#underWay >= MAX_REQUESTS_AT_ONCE) return
      this.#pump(other)
    }
  }

  #release(over: readonly LaneBeacon[]): void {
    for (const one of over) this.#forgetBeacon(one)
    for (const lane of new Set(over.map((one) => one.lane))) this.#pump(lane)
  }

  #retry(lane: BeaconLane, beacon: QueuedBeacon, retryAtMs: number): void {
    lane.retry(beacon, retryAtMs)
    this.#pump(lane)
  }

  #stored({ lane, beacons, isHeld }: StoredBeacons, known: number): void {
    if (isHeld) lane.stored(beacons)
    else {
      // What was there already is another's, or is counted.
      this.#count(lane, -known)
      lane.written(beacons.length)
    }
    this.#pump(lane)
  }
}

async function callSafely(transport: BeaconTransport, request: () => BeaconRequest): Promise<BeaconAnswer> {
  try {
    return await transport(request())
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : 'the request failed' }
  }
}
