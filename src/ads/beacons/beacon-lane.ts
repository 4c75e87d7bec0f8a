/**
 * The beacons that go to one target: which is next, how many at once, and which have waited too long.
 *
 * Beacons of one session and break form a chain and leave one after the other; chains do not wait for each other.
 * Pure: what time it is and what became of a beacon is told.
 */
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import { chainOf } from './beacon-key.ts'
import type { BeaconVerdict } from './beacon-transport.ts'
import { LanePace } from './lane-pace.ts'
import { LaneWindow, MAX_HELD_BEACONS, type LaneLoad } from './lane-window.ts'

/** A beacon that still fails so long after it was due is given up. */
export const BEACON_LIFETIME_MS: number = 60 * 60 * 1000

/** Most beacons of a lane in memory while its target is not dead, as they become due. */
const MAX_NEW_BEACONS = 65_536
/** The same of those that are read from the database; otherwise `MAX_HELD_BEACONS`. */
const MAX_READ_BEACONS = 4096
/** So many pages of the journal may be turned before beacons are to be in the database. */
const PAGES_OF_DELAYED = 1
const PAGES_OF_READY = 4

type Chain = {
  readonly name: string
  readonly queue: QueuedBeacon[]
  /** Or on its way to the database: nothing of the chain may leave. */
  isUnderWay: boolean
  /** The first of the queue is not sent before. */
  retryAtMs: number
}

/** One target's beacons. */
export class BeaconLane {
  readonly name: string
  /** Beacons that are not over, in memory or only in the database. */
  unsettled = 0
  readonly #window = new LaneWindow()
  readonly #pace: LanePace
  readonly #chains = new Map<string, Chain>()
  /** Chains whose first may be sent, in the order of their turn. */
  readonly #ready = new Set<Chain>()
  readonly #delayed = new Set<Chain>()
  /** No delayed chain is due, and no beacon is too old, before. */
  #earliestDueMs = Infinity
  #earliestEndMs = Infinity

  /** @param retryMs so long a target that does not answer is left alone. */
  constructor(name: string, retryMs: number) {
    this.name = name
    this.#pace = new LanePace(retryMs)
  }

  /** Whether nothing of it is in memory and nothing is left in the database. */
  get isEmpty(): boolean {
    return this.#window.isEmpty && this.#pace.underWay === 0
  }

  /** When there may be something to do that there is not now; Infinity when only a new beacon or an answer can help. */
  nextDueMs(nowMs: number): number {
    const dueMs = Math.min(this.#earliestDueMs, this.#earliestEndMs)
    const { pausedUntilMs } = this.#pace
    return this.#ready.size > 0 && pausedUntilMs > nowMs ? Math.min(dueMs, pausedUntilMs) : dueMs
  }

  /** New beacons, behind all that were; those that are not taken, which are to be written and told of by `written`. */
  offer(beacons: readonly QueuedBeacon[], mayHoldMany: boolean): readonly QueuedBeacon[] {
    const maxHeld = mayHoldMany && !this.#pace.isDead ? MAX_NEW_BEACONS : MAX_HELD_BEACONS
    const taken = this.#window.offer(beacons, maxHeld)
    this.#take(taken === beacons.length ? beacons : beacons.slice(0, taken))
    return beacons.slice(taken)
  }

  /** So many of those that were not taken are in the database. */
  written(count: number): void {
    this.#window.written(count)
  }

  /**
   * Takes the chains with beacons that are to be in the database by now, those sooner whose first has failed. Nothing of them
   * leaves until `stored`; what is under way is left for later.
   */
  takeStorable(pagesSince: (key: string) => number): readonly (readonly QueuedBeacon[])[] {
    const storable = [...this.#chains.values()].filter(({ isUnderWay, retryAtMs, queue }) => {
      const pages = retryAtMs > 0 ? PAGES_OF_DELAYED : PAGES_OF_READY
      return !isUnderWay && queue.some(({ key }) => pagesSince(key) >= pages)
    })
    for (const chain of storable) {
      chain.isUnderWay = true
      this.#line(chain)
    }
    return storable.map(({ queue }) => [...queue])
  }

  /** What `takeStorable` gave of a chain is in the database; it need not stay in memory when there is much. */
  stored(beacons: readonly QueuedBeacon[]): void {
    const [first] = beacons
    const chain = first && this.#chains.get(chainOf(first.key))
    if (!chain) return
    chain.isUnderWay = false
    const isAllStored = chain.queue.length === beacons.length
    if (isAllStored && this.#window.size > MAX_HELD_BEACONS) this.#letGo(chain)
    this.#line(chain)
  }

  /** There are beacons in the database that nobody told of. */
  readAgain(): void {
    this.#window.readAgain()
  }

  /** What to read from the database, to be answered by `loaded` or `loadFailed`. */
  beginLoad(): LaneLoad | undefined {
    return this.#window.beginLoad(this.#pace.isDead ? MAX_HELD_BEACONS : MAX_READ_BEACONS)
  }

  /** What was read. */
  loaded(beacons: readonly QueuedBeacon[], load: LaneLoad): void {
    this.#take(this.#window.loaded(beacons, load))
  }

  /** Nothing could be read. */
  loadFailed(): void {
    this.#window.loadFailed()
  }

  /** The next beacon to send, which is under way from here on. */
  next(nowMs: number): QueuedBeacon | undefined {
    this.#endDelays(nowMs)
    if (!this.#pace.hasRoom(nowMs)) return undefined
    const [chain] = this.#ready
    const first = chain?.queue[0]
    if (!chain || !first) return undefined
    this.#ready.delete(chain)
    chain.isUnderWay = true
    this.#pace.begin()
    return first
  }

  /** The request for a beacon has ended; the beacon itself is not settled by that. */
  ended(verdict: BeaconVerdict, nowMs: number): void {
    this.#pace.end(verdict, nowMs)
  }

  /** The request that was to begin is not made before `untilMs`. */
  holdBack(beacon: QueuedBeacon, untilMs: number): void {
    this.#pace.cancel()
    const chain = this.#chains.get(chainOf(beacon.key))
    if (!chain) return
    chain.isUnderWay = false
    chain.retryAtMs = untilMs
    this.#line(chain)
  }

  /** The beacon is not to be sent: another server has it, or it was sent before. */
  drop(beacon: QueuedBeacon): void {
    this.#pace.cancel()
    this.finish(beacon)
    this.release(beacon)
  }

  /** The beacon that was under way is over: the next of its chain may leave. */
  finish(beacon: QueuedBeacon): void {
    const chain = this.#chains.get(chainOf(beacon.key))
    if (!chain) return
    chain.isUnderWay = false
    chain.queue.shift()
    chain.retryAtMs = 0
    if (chain.queue.length === 0) this.#chains.delete(chain.name)
    else this.#line(chain)
  }

  /** The beacon that was under way goes out again, not before `retryAtMs`. */
  retry(beacon: QueuedBeacon, retryAtMs: number): void {
    const chain = this.#chains.get(chainOf(beacon.key))
    if (!chain) return
    chain.isUnderWay = false
    chain.retryAtMs = retryAtMs
    chain.queue[0] = { ...beacon, retryAtMs }
    this.#line(chain)
  }

  /** The end of a beacon is written. */
  release(beacon: QueuedBeacon): void {
    this.#window.release(beacon.key)
  }

  /** Takes out the beacons that are too old and not under way. */
  takeExpired(nowMs: number): readonly QueuedBeacon[] {
    if (nowMs < this.#earliestEndMs) return []
    this.#earliestEndMs = Infinity
    const expired: QueuedBeacon[] = []
    for (const chain of [...this.#chains.values()]) this.#takeExpiredOf(chain, nowMs, expired)
    return expired
  }

  /** To be read again when its turn comes. */
  #letGo(chain: Chain): void {
    for (const { key } of chain.queue.splice(0)) this.#window.release(key)
    this.#chains.delete(chain.name)
    this.#window.readAgain()
  }

  #takeExpiredOf(chain: Chain, nowMs: number, expired: QueuedBeacon[]): void {
    const first = chain.isUnderWay ? 1 : 0
    while (chain.queue.length > first) {
      const beacon = chain.queue[first]
      if (!beacon || nowMs < endOf(beacon)) break
      chain.queue.splice(first, 1)
      if (first === 0) chain.retryAtMs = 0
      expired.push(beacon)
    }
    const next = chain.queue[first]
    if (next) this.#earliestEndMs = Math.min(this.#earliestEndMs, endOf(next))
    this.#line(chain)
    if (chain.queue.length === 0) this.#chains.delete(chain.name)
  }

  #take(beacons: readonly QueuedBeacon[]): void {
    for (const beacon of beacons) {
      const name = chainOf(beacon.key)
      const chain = this.#chains.get(name) ?? { name, queue: [], isUnderWay: false, retryAtMs: 0 }
      if (chain.queue.length === 0) chain.retryAtMs = beacon.retryAtMs
      this.#chains.set(name, chain)
      chain.queue.push(beacon)
      this.#earliestEndMs = Math.min(this.#earliestEndMs, endOf(beacon))
      if (chain.queue.length === 1) this.#line(chain)
    }
  }

  /** Puts a chain where it belongs now. */
  #line(chain: Chain): void {
    this.#ready.delete(chain)
    this.#delayed.delete(chain)
    if (chain.isUnderWay || chain.queue.length === 0) return
    if (chain.retryAtMs <= 0) {
      this.#ready.add(chain)
      return
    }
    this.#delayed.add(chain)
    this.#earliestDueMs = Math.min(this.#earliestDueMs, chain.retryAtMs)
  }

  #endDelays(nowMs: number): void {
    if (nowMs < this.#earliestDueMs) return
    this.#earliestDueMs = Infinity
    for (const chain of this.#delayed) {
      if (chain.retryAtMs <= nowMs) {
        this.#delayed.delete(chain)
        this.#ready.add(chain)
      } else this.#earliestDueMs = Math.min(this.#earliestDueMs, chain.retryAtMs)
    }
  }
}

function endOf(beacon: QueuedBeacon): number {
  return beacon.dueAtMs + BEACON_LIFETIME_MS
}
