/**
 * Keeps the journal short: hands what stays in it for long over to the database, writes down there what was due, and removes
 * files that nothing needs any more. At the start it does the same with the files of earlier processes.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { BeaconQueue, RememberedChain } from '../../domain/beacon-queue.ts'
import { chainOf, eventOfKey } from './beacon-key.ts'
import type { BeaconDispatcher } from './beacon-dispatcher.ts'
import { removeFile, type BeaconJournal } from './beacon-journal.ts'
import type { ChainMemory } from './chain-memories.ts'
import { replayJournal, type ReplayedBeacons } from './journal-replay.ts'

/** What keeping needs. */
export type JournalKeeperOptions = {
  readonly queue: Pick<BeaconQueue, 'add' | 'claim' | 'remember' | 'isKnown'>
  readonly journal: BeaconJournal
  readonly dispatcher: Pick<BeaconDispatcher, 'storeAll' | 'storeOld' | 'stored'>
  readonly nodeId: string
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

/** A file is written to for so long: most of what comes into it is over when it is closed. */
const PAGE_MS = 15_000
const LOOK_EVERY_MS = 5000
const MAX_ROWS_AT_ONCE = 500

/** The caretaker of one journal. */
export class JournalKeeper {
  readonly #options: JournalKeeperOptions
  #timer: Timer | undefined
  #turnedMs = 0
  #isStopped = false

  constructor(options: JournalKeeperOptions) {
    this.#options = options
  }

  /** Brings what earlier processes left into the database; how many beacons were on their way when they ended. */
  async readEarlier(): Promise<number> {
    const { journal, queue, nodeId } = this.#options
    const replayed = await replayJournal(journal.earlierPaths)
    // Others have sent what they found of this server: who can tell which of these they found?
    const isLost = replayed.handed.size > 0 && !(await queue.isKnown(nodeId))
    const waiting = replayed.waiting.filter(({ key }) => !isLost || !replayed.handed.has(key))
    await this.#rememberReplayed(replayed)
    for (const some of slices(waiting)) await queue.add(nodeId, some)
    for (const path of journal.earlierPaths) removeFile(path)
    return replayed.uncertain.length + replayed.waiting.length - waiting.length
  }

  /** Begins to look after the files. */
  open(): void {
    this.#turnedMs = this.#options.clock.monotonicMs()
    this.#wait()
  }

  /** Hands everything over. */
  async empty(): Promise<void> {
    this.stop()
    const { journal, dispatcher } = this.#options
    dispatcher.storeAll()
    await dispatcher.stored()
    journal.turnPage()
    await this.#removeFiles()
  }

  /** Does nothing more. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #wait(): void {
    if (this.#isStopped) return
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { journal, dispatcher, clock, onFailure } = this.#options
    if (clock.monotonicMs() - this.#turnedMs >= PAGE_MS) {
      journal.turnPage()
      this.#turnedMs = clock.monotonicMs()
    }
    dispatcher.storeOld()
    try {
      await this.#removeFiles()
    } catch (error) {
      if (!this.#isStopped) onFailure(error)
    }
    this.#wait()
  }

  async #removeFiles(): Promise<void> {
    const { journal } = this.#options
    for (const file of journal.closedFiles) {
      // An older file has the first steps of beacons whose last are in a newer one.
      if (file.openBeacons > 0) return
      await this.#remember([...file.chains])
      journal.remove(file)
    }
  }

  async #remember(memories: readonly ChainMemory[]): Promise<void> {
    const { queue, clock } = this.#options
    const changed = memories.filter(({ events, rememberedEvents }) => events.size > rememberedEvents)
    for (const some of slices(changed)) {
      const chains = some.map(({ name, events }) => ({ chain: name, events: [...events] }))
      await queue.remember(chains, clock.nowMs())
      for (const [index, memory] of some.entries())
        memory.rememberedEvents = chains[index]?.events.length ?? 0
    }
  }

  async #rememberReplayed({ due }: ReplayedBeacons): Promise<void> {
    const { queue, clock } = this.#options
    const chains = [...Map.groupBy(due, chainOf)].map(([chain, keys]): RememberedChain => ({
      chain,
      events: keys.map(eventOfKey),
    }))
    for (const some of slices(chains)) {
      const known = await queue.claim(
        some.map(({ chain }) => chain),
        clock.nowMs(),
      )
      const all = some.map(({ chain, events }) => ({
        chain,
        events: [...new Set([...(known.get(chain) ?? []), ...events])],
      }))
      await queue.remember(all, clock.nowMs())
    }
  }
}

function slices<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / MAX_ROWS_AT_ONCE)
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * MAX_ROWS_AT_ONCE, (index + 1) * MAX_ROWS_AT_ONCE),
  )
}
