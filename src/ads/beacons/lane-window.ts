/**
 * The beacons of one lane that are in memory: a bounded stretch of those that wait in the database.
 *
 * While nothing is left behind there, new ones are taken as they come. When there are too many, they stay in the
 * database and are read from there, in order, once there is room.
 */
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'

/** Most beacons of a lane in memory. */
export const MAX_HELD_BEACONS = 512
const LOAD_BELOW_BEACONS: number = MAX_HELD_BEACONS / 2

/** What to read next. */
export type LaneLoad = { readonly afterPlace: number; readonly limit: number }

/** Which beacons are held, and whether there are more. */
export class LaneWindow {
  readonly #held = new Set<string>()
  #afterPlace = 0
  #isBehind = false
  #isLoading = false
  /** Something came to the database that a load under way may not see. */
  #cameMeanwhile = false
  #restarts = false

  /** Beacons in memory, those included whose end is not written yet. */
  get size(): number {
    return this.#held.size
  }

  /** Whether the lane needs nothing and nothing is left in the database. */
  get isEmpty(): boolean {
    return this.#held.size === 0 && !this.#isBehind && !this.#isLoading
  }

  /** Takes up what was just written behind all others, as far as there is room; what it took. */
  offer(beacons: readonly QueuedBeacon[]): readonly QueuedBeacon[] {
    if (this.#isBehind || this.#isLoading) {
      this.#isBehind = true
      this.#cameMeanwhile = true
      return []
    }
    const room = Math.max(MAX_HELD_BEACONS - this.#held.size, 0)
    const taken = beacons.slice(0, room)
    this.#isBehind = taken.length < beacons.length
    this.#hold(taken)
    return taken
  }

  /** There are beacons in the database that nobody told of. */
  readAgain(): void {
    this.#isBehind = true
    this.#cameMeanwhile = true
    if (this.#isLoading) this.#restarts = true
    else this.#afterPlace = 0
  }

  /** What to read now, to be answered by `loaded` or `loadFailed`; undefined when nothing is needed. */
  beginLoad(): LaneLoad | undefined {
    if (!this.#isBehind || this.#isLoading || this.#held.size > LOAD_BELOW_BEACONS) return undefined
    this.#isLoading = true
    this.#cameMeanwhile = false
    return { afterPlace: this.#afterPlace, limit: MAX_HELD_BEACONS - this.#held.size }
  }

  /** Takes what was read; what of it is new. */
  loaded(beacons: readonly QueuedBeacon[], { limit }: LaneLoad): readonly QueuedBeacon[] {
    this.#isLoading = false
    const fresh = beacons.filter(({ key }) => !this.#held.has(key))
    this.#hold(beacons)
    this.#isBehind = this.#cameMeanwhile || beacons.length >= limit
    if (this.#restarts) this.#afterPlace = 0
    this.#restarts = false
    return fresh
  }

  /** Nothing was read. */
  loadFailed(): void {
    this.#isLoading = false
    this.#isBehind = true
  }

  /** The end of a beacon is written. */
  release(key: string): void {
    this.#held.delete(key)
  }

  #hold(beacons: readonly QueuedBeacon[]): void {
    for (const { key, place } of beacons) {
      this.#held.add(key)
      this.#afterPlace = Math.max(this.#afterPlace, place)
    }
  }
}
