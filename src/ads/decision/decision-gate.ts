/**
 * Lets decisions to the ad servers: each at a random moment of the time there is, and not too many at once.
 *
 * Ad servers have shares of the places: one that hangs holds up nobody but its own viewers. Thousands wait here for
 * seconds, so one that waits is small: it shares its timer with all who come at nearly the same moment.
 *
 * Reference: ssai §7.4.
 */
import type { Clock } from '../../base/clock.ts'
import { FairShares } from '../outbound/fair-shares.ts'
import { WaitingLine } from '../waiting-line.ts'

/** When a decision may begin. */
export type EntryWish = {
  /** Whose places it needs: the ad server's, by a name. */
  readonly share: string
  /** Longest delay; the true one is drawn from 0 to this. Milliseconds. */
  readonly spreadMs: number
  /** After this it is of no use; milliseconds on the monotonic clock. */
  readonly untilMonotonicMs: number
}

/** Bounds of a gate. */
export type GateLimits = {
  /** Decisions of one share that have entered and not left, as long as there is no other; of all at most twice as many. */
  readonly maxInside: number
  /** Decisions that wait, for their moment or for others. */
  readonly maxWaiting: number
}

/** What became of a wish. */
export type Entry = 'entered' | 'too-late' | 'full'

type Waiting = {
  readonly wish: EntryWish
  readonly resolve: (entry: Entry) => void
  /** Gives up, once it waits for a place. */
  timer: { readonly cancel: () => void } | undefined
  isGone: boolean
}

/** Moments that are as good as one. */
const SLOT_MS = 4

/** A gate; whoever has entered must leave. */
export class DecisionGate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #maxWaiting: number
  readonly #shares: FairShares
  /** Who waits for his moment, by when that is. */
  readonly #slots = new Map<number, Waiting[]>()
  /** Who waits for a place, by share; the share that got one last stands last. */
  readonly #lines = new Map<string, WaitingLine<Waiting>>()
  #waiting = 0

  constructor(clock: Clock, random: () => number, { maxInside, maxWaiting }: GateLimits) {
    this.#clock = clock
    this.#random = random
    this.#maxWaiting = maxWaiting
    this.#shares = new FairShares(maxInside)
  }

  /** Decisions that wait now, and those inside. */
  get load(): { readonly waiting: number; readonly inside: number } {
    return { waiting: this.#waiting, inside: this.#shares.inAll }
  }

  /** Waits for the turn. */
  enter(wish: EntryWish): Promise<Entry> {
    if (this.#waiting >= this.#maxWaiting) return Promise.resolve('full')
    this.#waiting++
    return new Promise((resolve) => {
      const waiting = { wish, resolve, timer: undefined, isGone: false }
      const delayMs = wish.spreadMs * this.#random()
      if (delayMs > 0) this.#waitFor(this.#clock.monotonicMs() + delayMs, waiting)
      else this.#takePlace(waiting)
    })
  }

  /** Makes room for the next ones. */
  leave(share: string): void {
    this.#shares.giveBack(share)
    for (const [each, line] of this.#lines) {
      if (!this.#letIn(each, line)) continue
      this.#lines.delete(each)
      if (line.length > 0) this.#lines.set(each, line)
      return
    }
  }

  #waitFor(momentMs: number, waiting: Waiting): void {
    const slot = Math.ceil(momentMs / SLOT_MS)
    const known = this.#slots.get(slot)
    if (known) {
      known.push(waiting)
      return
    }
    const all = [waiting]
    this.#slots.set(slot, all)
    this.#clock.after(slot * SLOT_MS - this.#clock.monotonicMs(), () => {
      this.#slots.delete(slot)
      for (const each of all) this.#takePlace(each)
    })
  }

  #takePlace(waiting: Waiting): void {
    const { share, untilMonotonicMs } = waiting.wish
    const leftMs = untilMonotonicMs - this.#clock.monotonicMs()
    if (leftMs <= 0) this.#settle(waiting, 'too-late')
    else if (this.#shares.take(share)) this.#settle(waiting, 'entered')
    else {
      const line = this.#lines.get(share) ?? new WaitingLine()
      this.#lines.set(share, line)
      line.push(waiting)
      waiting.timer = this.#clock.after(leftMs, () => this.#settle(waiting, 'too-late'))
    }
  }

  /** The first of a line, if there is a place for it; true when the line has moved. */
  #letIn(share: string, line: WaitingLine<Waiting>): boolean {
    if (!this.#shares.take(share)) return false
    for (let first = line.shift(); first; first = line.shift()) {
      if (first.isGone) continue
      this.#settle(first, 'entered')
      return true
    }
    this.#shares.giveBack(share)
    this.#lines.delete(share)
    return false
  }

  #settle(waiting: Waiting, entry: Entry): void {
    waiting.timer?.cancel()
    waiting.isGone = true
    this.#waiting--
    waiting.resolve(entry)
  }
}
