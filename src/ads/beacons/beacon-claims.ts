/**
 * Asks the database, once for each viewing session and break, which of its events were due before this server started or on
 * another one. Until it answers, the beacons wait, in order.
 */
import type { Clock } from '../../base/clock.ts'
import type { BeaconQueue, QueuedBeacon } from '../../domain/beacon-queue.ts'
import { BatchedWrite } from './batched-write.ts'
import { eventOfKey } from './beacon-key.ts'
import type { BeaconJournal } from './beacon-journal.ts'
import type { ChainMemory } from './chain-memories.ts'

/** What claims need. */
export type BeaconClaimsOptions = {
  readonly queue: Pick<BeaconQueue, 'claim'>
  readonly journal: Pick<BeaconJournal, 'over'>
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
  /** These are to be sent. */
  readonly onKnown: (beacons: readonly QueuedBeacon[]) => void
}

const MAX_CLAIMED_AT_ONCE = 250

/** The chains that are new to this server. */
export class BeaconClaims {
  readonly #options: BeaconClaimsOptions
  readonly #claims: BatchedWrite<ChainMemory, ReadonlyMap<string, readonly string[]>>
  readonly #isOpen: Promise<undefined>
  /** What earlier processes left has to be in the database first. */
  readonly open: () => void
  #pendingBeacons = 0

  constructor(options: BeaconClaimsOptions) {
    this.#options = options
    const { queue, clock, onFailure } = options
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#isOpen = promise
    this.open = () => resolve(undefined)
    this.#claims = new BatchedWrite({
      clock,
      onFailure,
      maxItems: MAX_CLAIMED_AT_ONCE,
      write: async (memories) => {
        await this.#isOpen
        return queue.claim([...new Set(memories.map(({ name }) => name))], clock.nowMs())
      },
      onWritten: (memories, known) => {
        for (const memory of memories) this.#answered(memory, known.get(memory.name) ?? [])
      },
    })
  }

  /** Beacons that wait for an answer. */
  get pendingBeacons(): number {
    return this.#pendingBeacons
  }

  /** Beacons of a chain, which the journal has; `onKnown` gets them now or later. */
  take(memory: ChainMemory, beacons: readonly QueuedBeacon[]): void {
    if (!memory.pending) {
      this.#options.onKnown(beacons)
      return
    }
    this.#pendingBeacons += beacons.length
    const isFirst = memory.pending.length === 0
    memory.pending.push(...beacons)
    if (isFirst) this.#claims.add(memory)
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#claims.drained()
  }

  /** Asks nothing more. */
  stop(): void {
    this.#claims.stop()
  }

  #answered(memory: ChainMemory, events: readonly string[]): void {
    const { journal, onKnown } = this.#options
    const pending = memory.pending ?? []
    memory.pending = undefined
    this.#pendingBeacons -= pending.length
    const before = new Set(events)
    for (const event of events) memory.events.add(event)
    memory.rememberedEvents = before.size
    const isKnown = ({ key }: QueuedBeacon): boolean => before.has(eventOfKey(key))
    const known = pending.filter(isKnown)
    if (known.length > 0) journal.over(known.map(({ key }) => key))
    onKnown(known.length > 0 ? pending.filter((beacon) => !isKnown(beacon)) : pending)
  }
}
