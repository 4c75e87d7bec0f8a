/**
 * Takes down each step of a beacon where it is kept, before or after it is taken: in the journal as long as it is nowhere
 * else, in the database from then on.
 *
 * Steps in the journal are taken together with all others of the same turn of the event loop; the database is asked for many
 * at once.
 */
import type { Clock } from '../../base/clock.ts'
import type { BeaconQueue, QueuedBeacon } from '../../domain/beacon-queue.ts'
import { BatchedWrite } from './batched-write.ts'
import type { BeaconJournal } from './beacon-journal.ts'
import type { BeaconLane } from './beacon-lane.ts'

/** A beacon and the lane it is in. */
export type LaneBeacon = { readonly lane: BeaconLane; readonly beacon: QueuedBeacon }

/** Beacons of one lane for the database; of one chain when they are held in memory. */
export type StoredBeacons = {
  readonly lane: BeaconLane
  readonly beacons: readonly QueuedBeacon[]
  readonly isHeld: boolean
}

type Returning = LaneBeacon & { readonly retryAtMs: number }

/** Where steps are kept, and who hears that they are. */
export type BeaconStepsOptions = {
  readonly queue: Pick<BeaconQueue, 'add' | 'mark' | 'putBack' | 'remove'>
  readonly journal: BeaconJournal
  readonly nodeId: string
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
  /** The request may begin. */
  readonly onLeaving: (leaving: LaneBeacon) => void
  /** It is not this server's to send. */
  readonly onForeign: (foreign: LaneBeacon) => void
  /** Its departure could not be written. */
  readonly onHeldBack: (heldBack: LaneBeacon) => void
  /** The database knows that they are over. */
  readonly onOver: (over: readonly LaneBeacon[]) => void
  readonly onAgain: (again: LaneBeacon, retryAtMs: number) => void
  /** With those of them that were there before. */
  readonly onStored: (stored: StoredBeacons, known: number) => void
}

/** Those marked and not sent yet are uncertain if the server dies. */
const MAX_MARKED_AT_ONCE = 128
const MAX_REMOVED_AT_ONCE = 500
/** Media goes on between them. */
const MAX_DEPARTURES_AT_ONCE = 64
/** Chains, mostly. */
const MAX_STORED_AT_ONCE = 100

/** The steps of one server's beacons. */
export class BeaconSteps {
  readonly #options: BeaconStepsOptions
  readonly #marks: BatchedWrite<LaneBeacon, ReadonlySet<string>>
  readonly #removals: BatchedWrite<LaneBeacon, void>
  readonly #returns: BatchedWrite<Returning, void>
  readonly #stores: BatchedWrite<StoredBeacons, ReadonlySet<string>>
  #departures: LaneBeacon[] = []
  #isStopped = false

  constructor(options: BeaconStepsOptions) {
    this.#options = options
    const { queue, journal, nodeId, clock, onFailure, onOver, onAgain } = options
    const writing = { clock, onFailure }
    this.#marks = new BatchedWrite({
      ...writing,
      maxItems: MAX_MARKED_AT_ONCE,
      write: (leaving) => queue.mark(nodeId, keysOf(leaving)),
      onWritten: (leaving, ours) => this.#marked(leaving, ours),
    })
    this.#removals = new BatchedWrite({
      ...writing,
      maxItems: MAX_REMOVED_AT_ONCE,
      write: (over) => {
        // A journal of earlier steps must not bring back what the database has no more.
        journal.over(keysOf(over))
        return queue.remove(nodeId, keysOf(over))
      },
      onWritten: onOver,
    })
    this.#returns = new BatchedWrite({
      ...writing,
      maxItems: MAX_REMOVED_AT_ONCE,
      write: (returning) =>
        queue.putBack(nodeId, keysOf(returning), Math.max(...returning.map(({ retryAtMs }) => retryAtMs))),
      onWritten: (returning) => {
        for (const one of returning) onAgain(one, one.retryAtMs)
      },
    })
    this.#stores = new BatchedWrite({
      ...writing,
      maxItems: MAX_STORED_AT_ONCE,
      write: (stored) => this.#store(stored.flatMap(({ beacons }) => beacons)),
      onWritten: (stored, fresh) => this.#stored(stored, fresh),
    })
  }

  /** The request is to begin. */
  leave(leaving: LaneBeacon): void {
    if (!this.#options.journal.holds(leaving.beacon.key)) {
      this.#marks.add(leaving)
      return
    }
    this.#departures.push(leaving)
    if (this.#departures.length > 1) return
    setImmediate(() => this.#depart())
  }

  /** Nothing more is to be done. Whether that is taken down already; `onOver` tells of it later otherwise. */
  over(over: LaneBeacon): boolean {
    const { journal } = this.#options
    const isDirect = journal.holds(over.beacon.key)
    if (isDirect) journal.overSoon(over.beacon.key)
    else this.#removals.add(over)
    return isDirect
  }

  /** It goes out again. */
  again(again: LaneBeacon, retryAtMs: number): void {
    const { journal, onAgain } = this.#options
    if (!journal.holds(again.beacon.key)) {
      this.#returns.add({ ...again, retryAtMs })
      return
    }
    journal.again([again.beacon.key], retryAtMs)
    onAgain(again, retryAtMs)
  }

  /** The database is to keep them. */
  store(stored: StoredBeacons): void {
    this.#stores.add(stored)
  }

  /** Resolves when all that leaves has left. */
  async allLeft(): Promise<void> {
    await this.#marks.drained()
    while (this.#departures.length > 0 && !this.#isStopped) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Resolves when everything is written. */
  async drained(): Promise<void> {
    await Promise.all([this.#removals, this.#returns, this.#stores].map((write) => write.drained()))
  }

  /** Writes nothing more. */
  stop(): void {
    this.#isStopped = true
    for (const write of [this.#marks, this.#removals, this.#returns, this.#stores]) write.stop()
  }

  #depart(): void {
    const { journal, onLeaving, onHeldBack } = this.#options
    if (this.#isStopped) return
    const departures = this.#departures.splice(0, MAX_DEPARTURES_AT_ONCE)
    if (this.#departures.length > 0) setImmediate(() => this.#depart())
    const next = journal.leaving(keysOf(departures)) ? onLeaving : onHeldBack
    for (const leaving of departures) next(leaving)
  }

  #marked(leaving: readonly LaneBeacon[], ours: ReadonlySet<string>): void {
    const { onLeaving, onForeign } = this.#options
    for (const one of leaving) {
      if (ours.has(one.beacon.key)) onLeaving(one)
      else onForeign(one)
    }
  }

  #store(beacons: readonly QueuedBeacon[]): Promise<ReadonlySet<string>> {
    const { queue, journal, nodeId } = this.#options
    journal.handing(keysOfBeacons(beacons))
    return queue.add(nodeId, beacons)
  }

  #stored(stored: readonly StoredBeacons[], fresh: ReadonlySet<string>): void {
    for (const one of stored) {
      this.#options.journal.handed(keysOfBeacons(one.beacons))
      this.#options.onStored(one, one.beacons.filter(({ key }) => !fresh.has(key)).length)
    }
  }
}

function keysOf(some: readonly LaneBeacon[]): readonly string[] {
  return some.map(({ beacon }) => beacon.key)
}

function keysOfBeacons(beacons: readonly QueuedBeacon[]): readonly string[] {
  return beacons.map(({ key }) => key)
}
