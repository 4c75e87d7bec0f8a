/**
 * First come, first served. A `Set` would walk over all that left before it finds who is first.
 */

/** Items in the order in which they came. */
export class WaitingLine<Item> {
  #items: Item[] = []
  #first = 0

  /** How many there are. */
  get length(): number {
    return this.#items.length - this.#first
  }

  /** Puts an item at the end. */
  push(item: Item): void {
    this.#items.push(item)
  }

  /** Takes the first item. */
  shift(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#first++]
    // Half of it is empty: moving the rest costs as much as what was taken.
    if (2 * this.#first >= this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }
}
