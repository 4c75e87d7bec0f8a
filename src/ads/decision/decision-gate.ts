/**
 * Lets decisions to the ad servers: each at a random moment of the time there is, and not too many at once.
 *
 * Reference: ssai §7.4.
 */
import type { Clock } from '../../base/clock.ts'

/** When a decision may begin. */
export type EntryWish = {
  /** Longest delay; the true one is drawn from 0 to this. Milliseconds. */
  readonly spreadMs: number
  /** After this it is of no use; milliseconds on the monotonic clock. */
  readonly untilMonotonicMs: number
}

/** Bounds of a gate. */
export type GateLimits = {
  /** Decisions that have entered and not left. */
  readonly maxInside: number
  /** Decisions that wait, for their moment or for others. */
  readonly maxWaiting: number
}

/** What became of a wish. */
export type Entry = 'entered' | 'too-late' | 'full'

/** A gate; whoever has entered must leave. */
export class DecisionGate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #limits: GateLimits
  readonly #queue = new Set<() => void>()
  /** One walk through the queue: beginning anew would pass all places that were left before. */
  #walk = this.#queue.values()
  #inside = 0
  #waiting = 0

  constructor(clock: Clock, random: () => number, limits: GateLimits) {
    this.#clock = clock
    this.#random = random
    this.#limits = limits
  }

  /** Decisions that wait now, and those inside. */
  get load(): { readonly waiting: number; readonly inside: number } {
    return { waiting: this.#waiting, inside: this.#inside }
  }

  /** Waits for the turn. */
  async enter({ spreadMs, untilMonotonicMs }: EntryWish): Promise<Entry> {
    if (this.#waiting >= this.#limits.maxWaiting) return 'full'
    this.#waiting++
    try {
      const delayMs = spreadMs * this.#random()
      if (delayMs > 0) await new Promise<void>((resolve) => this.#clock.after(delayMs, resolve))
      return await this.#takePlace(untilMonotonicMs)
    } finally {
      this.#waiting--
    }
  }

  /** Makes room for the next one. */
  leave(): void {
    const next = this.#takeFirst()
    // The place goes from hand to hand.
    if (next) next()
    else this.#inside--
  }

  #takeFirst(): (() => void) | undefined {
    if (this.#queue.size === 0) return undefined
    let first = this.#walk.next().value
    if (!first) {
      this.#walk = this.#queue.values()
      first = this.#walk.next().value
    }
    if (first) this.#queue.delete(first)
    return first
  }

  #takePlace(untilMonotonicMs: number): Promise<Entry> {
    const leftMs = untilMonotonicMs - this.#clock.monotonicMs()
    if (leftMs <= 0) return Promise.resolve('too-late')
    if (this.#inside < this.#limits.maxInside) {
      this.#inside++
      return Promise.resolve('entered')
    }
    return new Promise((resolve) => {
      const enter = (): void => {
        timer.cancel()
        resolve('entered')
      }
      const timer = this.#clock.after(leftMs, () => {
        this.#queue.delete(enter)
        resolve('too-late')
      })
      this.#queue.add(enter)
    })
  }
}
