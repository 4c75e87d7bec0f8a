/**
 * Lets decisions to the ad servers: each at a random moment of the time there is, and not too many at once.
 *
 * Ad servers have shares of the places: one that hangs holds up nobody but its own viewers. Thousands wait here for
 * seconds, so one that waits is small: it shares its timers with others.
 *
 * Reference: ssai §7.4.
 */
import type { Clock, Timer } from '../../base/clock.ts'
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

type Waiting = { readonly wish: EntryWish; readonly resolve: (entry: Entry) => void }

/** Who waits for a place of one share: one timer for all, for the one that gives up first. */
type Line = {
  readonly share: string
  readonly waiting: WaitingLine<Waiting>
  giveUpAtMs: number
  timer: Timer | undefined
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
  readonly #lines = new Map<string, Line>()
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
      const waiting = { wish, resolve }
      const delayMs = wish.spreadMs * this.#random()
      if (delayMs > 0) this.#waitFor(this.#clock.monotonicMs() + delayMs, waiting)
      else this.#takePlace(waiting)
    })
  }

  /** Makes room for the next ones. */
  leave(share: string): void {
    this.#shares.giveBack(share)
    for (const line of this.#lines.values()) {
      if (!this.#shares.take(line.share)) continue
      this.#lines.delete(line.share)
      const first = line.waiting.shift()
      if (first) this.#settle(first, 'entered')
      if (line.waiting.length > 0) this.#lines.set(line.share, line)
      else line.timer?.cancel()
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
    else this.#waitInLine(waiting)
  }

  #waitInLine(waiting: Waiting): void {
    const { share, untilMonotonicMs } = waiting.wish
    const line = this.#lines.get(share) ?? newLine(share)
    this.#lines.set(share, line)
    line.waiting.push(waiting)
    this.#giveUpBy(line, untilMonotonicMs)
  }

  #giveUpBy(line: Line, atMs: number): void {
    if (atMs >= line.giveUpAtMs) return
    line.timer?.cancel()
    line.giveUpAtMs = atMs
    line.timer = this.#clock.after(atMs - this.#clock.monotonicMs(), () => this.#giveUp(line))
  }

  /** Settles those for whom it is too late; the others stay in their order. */
  #giveUp(line: Line): void {
    const nowMs = this.#clock.monotonicMs()
    line.giveUpAtMs = Infinity
    for (let left = line.waiting.length; left > 0; left--) {
      const first = line.waiting.shift()
      if (!first) break
      if (first.wish.untilMonotonicMs <= nowMs) this.#settle(first, 'too-late')
      else {
        line.waiting.push(first)
        this.#giveUpBy(line, first.wish.untilMonotonicMs)
      }
    }
    if (line.waiting.length === 0) this.#lines.delete(line.share)
  }

  #settle(waiting: Waiting, entry: Entry): void {
    this.#waiting--
    waiting.resolve(entry)
  }
}

function newLine(share: string): Line {
  return { share, waiting: new WaitingLine(), giveUpAtMs: Infinity, timer: undefined }
}
