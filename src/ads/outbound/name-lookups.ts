/**
 * Looks names up, a few at once and each only once, and remembers what was found.
 *
 * The system looks names up on threads that files need too, and a look-up that has begun cannot be ended: one that hangs
 * keeps its thread. So only `MAX_AT_ONCE` run, whoever asks waits for `LOOKUP_TIMEOUT_MS` at most, and addresses that
 * were found go on to be used while they are looked up anew: names that are in use do not wait behind one that hangs.
 *
 * Reference: ssai §7.6.
 */
import type { LookupAddress } from 'node:dns'
import type { Clock, Timer } from '../../base/clock.ts'
import { WaitingLine } from '../waiting-line.ts'
import { OutboundError } from './outbound-error.ts'

/** Finds all addresses of a name. */
export type NameResolver = (name: string) => Promise<readonly LookupAddress[]>

/** Look-ups since the start. */
export type LookupCounts = {
  readonly begun: number
  readonly failed: number
  /** Given up by whoever asked; they may still be under way. */
  readonly timedOut: number
  /** Because too many were waiting. */
  readonly refused: number
}

/** Of the four threads that Node has for this and for files. */
export const MAX_AT_ONCE = 3
/** Whoever asks waits so long, in milliseconds. */
export const LOOKUP_TIMEOUT_MS = 2000
/** Addresses count as new for so long, in milliseconds. */
export const FRESH_MS = 30_000
/** They are used for so long while nobody can tell new ones, in milliseconds. */
export const USABLE_MS = 600_000
/** A failure is the answer for so long, in milliseconds. */
export const FAILED_MS = 2000
const MAX_WAITING = 1024
const MAX_KEPT = 4096

type Kept = {
  readonly addresses: Promise<readonly LookupAddress[]>
  readonly freshUntilMs: number
  readonly usableUntilMs: number
}

type Lookup = PromiseWithResolvers<readonly LookupAddress[]> & { timer: Timer | undefined; hasBegun: boolean }

/** Look-ups and what they found. */
export class NameLookups {
  readonly #resolve: NameResolver
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  /** Waiting and under way, those included whose askers gave up. */
  readonly #open = new Map<string, Lookup>()
  readonly #line = new WaitingLine<string>()
  readonly #counts = { begun: 0, failed: 0, timedOut: 0, refused: 0 }
  #underWay = 0

  constructor(resolve: NameResolver, clock: Clock) {
    this.#resolve = resolve
    this.#clock = clock
  }

  /** What was counted so far. */
  get counts(): LookupCounts {
    return { ...this.#counts }
  }

  /** Addresses of a name; rejects with `TIMEOUT`, `TOO_BUSY`, or what the system says. */
  find(name: string): Promise<readonly LookupAddress[]> {
    const kept = this.#kept.get(name)
    const nowMs = this.#clock.monotonicMs()
    if (!kept || nowMs >= kept.usableUntilMs) return this.#ask(name)
    // Nobody waits for it.
    if (nowMs >= kept.freshUntilMs) this.#ask(name).catch(() => undefined)
    return kept.addresses
  }

  #ask(name: string): Promise<readonly LookupAddress[]> {
    const open = this.#open.get(name)
    if (open) return open.promise
    if (this.#open.size >= MAX_WAITING) {
      this.#counts.refused++
      return Promise.reject(new OutboundError('TOO_BUSY', `${MAX_WAITING} names are being looked up`))
    }
    const lookup: Lookup = { ...Promise.withResolvers(), timer: undefined, hasBegun: false }
    lookup.promise.catch(() => undefined)
    lookup.timer = this.#clock.after(LOOKUP_TIMEOUT_MS, () => this.#giveUp(name, lookup))
    this.#open.set(name, lookup)
    this.#line.push(name)
    this.#beginNext()
    return lookup.promise
  }

  #giveUp(name: string, lookup: Lookup): void {
    this.#counts.timedOut++
    lookup.reject(new OutboundError('TIMEOUT', `the name is not found within ${LOOKUP_TIMEOUT_MS} ms`))
    if (!lookup.hasBegun) this.#open.delete(name)
  }

  #beginNext(): void {
    while (this.#underWay < MAX_AT_ONCE) {
      const name = this.#line.shift()
      if (name === undefined) return
      const lookup = this.#open.get(name)
      if (lookup && !lookup.hasBegun) void this.#begin(name, lookup)
    }
  }

  async #begin(name: string, lookup: Lookup): Promise<void> {
    lookup.hasBegun = true
    this.#underWay++
    this.#counts.begun++
    try {
      const addresses = await this.#resolve(name)
      this.#keep(name, Promise.resolve(addresses), { freshMs: FRESH_MS, usableMs: USABLE_MS })
      lookup.resolve(addresses)
    } catch (error) {
      this.#counts.failed++
      lookup.reject(error)
      this.#keepFailure(name, lookup.promise)
    } finally {
      lookup.timer?.cancel()
      this.#underWay--
      this.#open.delete(name)
      this.#beginNext()
    }
  }

  #keepFailure(name: string, failure: Promise<readonly LookupAddress[]>): void {
    const kept = this.#kept.get(name)
    const nowMs = this.#clock.monotonicMs()
    // Addresses that were found once are better than none.
    if (kept && kept.usableUntilMs > nowMs) {
      this.#kept.set(name, { ...kept, freshUntilMs: nowMs + FAILED_MS })
    } else this.#keep(name, failure, { freshMs: FAILED_MS, usableMs: FAILED_MS })
  }

  #keep(
    name: string,
    addresses: Kept['addresses'],
    { freshMs, usableMs }: { readonly freshMs: number; readonly usableMs: number },
  ): void {
    const nowMs = this.#clock.monotonicMs()
    this.#kept.delete(name)
    this.#kept.set(name, { addresses, freshUntilMs: nowMs + freshMs, usableUntilMs: nowMs + usableMs })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
}
