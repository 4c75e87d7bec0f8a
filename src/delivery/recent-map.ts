/**
 * A map that forgets what was not looked at lately, in two generations: a look costs no more than in a plain map.
 */

/** Holds at most `maxEntries`, and at least the half of them that were used last. */
export class RecentMap<Key, Value> {
  readonly #maxPerGeneration: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  constructor(maxEntries: number) {
    this.#maxPerGeneration = Math.max(1, Math.floor(maxEntries / 2))
  }

  /** Entries held now. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** The value of `key`, which counts as used. */
  get(key: Key): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old === undefined) return undefined
    this.#old.delete(key)
    this.set(key, old)
    return old
  }

  /** Keeps `value`; may forget what was used longest ago. */
  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#maxPerGeneration) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
