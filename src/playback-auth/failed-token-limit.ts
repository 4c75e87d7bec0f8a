/**
 * How many bad tokens an address may show: a token bucket for each, so that nobody keeps the processor busy with
 * signatures that are worth nothing.
 *
 * A failure counts when it is known, so a burst of requests at one moment may go below zero, and waits longer for it.
 */
import { isIPv6 } from 'node:net'
import type { Clock } from '../base/clock.ts'

type Bucket = { level: number; filledAtMs: number }

/** Addresses whose failures are remembered; beyond that the one that failed longest ago is forgotten. */
const MAX_ADDRESSES = 50_000
/** Leading groups of an IPv6 address that one customer has as a rule. */
const NETWORK_GROUPS = 4

/** Failures by address. */
export class FailedTokenLimit {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #buckets = new Map<string, Bucket>()

  /** @param perMinute failures that an address may make, as many at once and in each minute from then on. */
  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  /** Addresses that failures are remembered of. */
  get addresses(): number {
    return this.#buckets.size
  }

  /** Whether the address has failures left. */
  allows(address: string): boolean {
    const bucket = this.#buckets.get(networkOf(address))
    return bucket === undefined || this.#levelOf(bucket) >= 1
  }

  /** The address showed a bad token. */
  count(address: string): void {
    const key = networkOf(address)
    const bucket = this.#buckets.get(key)
    const level = bucket ? this.#levelOf(bucket) : this.#perMinute
    this.#buckets.delete(key)
    this.#buckets.set(key, {
      level: Math.max(level - 1, -this.#perMinute),
      filledAtMs: this.#clock.monotonicMs(),
    })
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > MAX_ADDRESSES && oldest !== undefined) this.#buckets.delete(oldest)
  }

  #levelOf({ level, filledAtMs }: Bucket): number {
    const minutes = (this.#clock.monotonicMs() - filledAtMs) / 60_000
    return Math.min(this.#perMinute, level + minutes * this.#perMinute)
  }
}

/** The address itself, or the network of an IPv6 address: its owner can use any address in there. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  // What `::` leaves out are zeros, and only those that fall into the network matter.
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
