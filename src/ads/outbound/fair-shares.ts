/**
 * Places that many share, so that whoever keeps his for long never takes the last one.
 *
 * Each may have as many as are still free: who comes alone gets half of all places, two get a third each, and so on. Those
 * who come one after the other and hang take half of what is free each: of 1024 places, nine of them leave two.
 *
 * Reference: A. Choudhury, E. Hahne, "Dynamic queue length thresholds for shared-memory packet switches" (1998).
 */

/** Places by who has them. */
export class FairShares {
  readonly #places: number
  readonly #taken = new Map<string, number>()
  #inAll = 0

  /** @param maxAlone places of one who comes alone; all together have at most twice as many. */
  constructor(maxAlone: number) {
    this.#places = 2 * maxAlone
  }

  /** Places that are taken. */
  get inAll(): number {
    return this.#inAll
  }

  /** Takes a place, if there is one for `key`. */
  take(key: string): boolean {
    const own = this.#taken.get(key) ?? 0
    if (own >= this.#places - this.#inAll) return false
    this.#taken.set(key, own + 1)
    this.#inAll++
    return true
  }

  /** Gives a place back. */
  giveBack(key: string): void {
    const own = this.#taken.get(key) ?? 0
    if (own === 0) return
    if (own === 1) this.#taken.delete(key)
    else this.#taken.set(key, own - 1)
    this.#inAll--
  }
}
