/**
 * Remembers which events became due lately in which viewing session and break, its _chain_, so that fetching a segment again
 * costs no look into the database.
 *
 * A chain that is new here may be known there: until that is answered its beacons are kept. What is forgotten here is still
 * known there, so only what was written down there may be forgotten.
 */
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'

/** What is known of a chain. */
export type ChainMemory = {
  readonly name: string
  /** `<ad>/<event>`. */
  readonly events: Set<string>
  /** Kept until the database has answered; undefined from then on. */
  pending: QueuedBeacon[] | undefined
  /** How many of the events the database remembers. */
  rememberedEvents: number
  /** Files of the journal with beacons of it: until they are gone, the database may not know all of it. */
  openFiles: number
  touchedMs: number
}

/** More chains are not taken, unless one can be forgotten. */
const MAX_CHAINS = 250_000
/** A break is out of every window then. */
const FORGET_AFTER_MS = 600_000

/** Chains by name. */
export class ChainMemories {
  /** In the order of their last new event. */
  readonly #chains = new Map<string, ChainMemory>()

  /** Chains that are known. */
  get size(): number {
    return this.#chains.size
  }

  /** What is known of a chain, from now on if it was not before; undefined when there is no room. */
  of(name: string, nowMs: number): ChainMemory | undefined {
    const known = this.#chains.get(name)
    if (known) return known
    if (this.#chains.size >= MAX_CHAINS && !this.#forgetOldest()) return undefined
    const memory = {
      name,
      events: new Set<string>(),
      pending: [],
      rememberedEvents: 0,
      openFiles: 0,
      touchedMs: nowMs,
    }
    this.#chains.set(name, memory)
    return memory
  }

  /** Something new was due in the chain. */
  touch(memory: ChainMemory, nowMs: number): void {
    memory.touchedMs = nowMs
    this.#chains.delete(memory.name)
    this.#chains.set(memory.name, memory)
  }

  /** Forgets what is old. */
  forget(nowMs: number): void {
    for (const memory of this.#chains.values()) {
      if (nowMs - memory.touchedMs < FORGET_AFTER_MS) return
      if (isRemembered(memory)) this.#chains.delete(memory.name)
    }
  }

  #forgetOldest(): boolean {
    const [oldest] = this.#chains.values()
    return oldest !== undefined && isRemembered(oldest) && this.#chains.delete(oldest.name)
  }
}

/** Whether the database knows all of it. */
function isRemembered({ pending = [], openFiles }: ChainMemory): boolean {
  return pending.length === 0 && openFiles === 0
}
