/**
 * The beacons of one lane that are in memory.
 *
 * While nothing of the lane is left behind in the database, new ones are taken as they come. When there are too many, or the
 * target does not accept them, the others go to the database and are read from there, in order, once there is room: a
 * bounded stretch at a time.
 */
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'

/** Most beacons in memory of a lane whose target does not accept them. */
export const MAX_HELD_BEACONS = 512

/** What to read next. */
export type LaneLoad = { readonly afterPlace: number; readonly limit: number }

/** Which beacons are held, and whether there are more. */
export class LaneWindow {
  readonly #held = new Set<string>()
  #afterPlace = 0
  #isBehind = false
  /** On their way to the database. */
  #expected = 0
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
    return this.#held.size === 0 && this.#expected === 0 && !this.#isBehind && !this.#isLoading
  }

  /** Takes up new ones, as far as there is room below `maxHeld`; how many it took. The others are to be written. */
  offer(beacons: readonly QueuedBeacon[], maxHeld: number): number {
    const isOpen = !this.#isBehind && !this.#isLoading && this.#expected === 0
    const room = isOpen ? Math.max(maxHeld - this.#held.size, 0) : 0
    const taken = beacons.slice(0, room)
    this.#hold(taken)
    this.#expected += beacons.length - taken.length
    return taken.length
  }

  /** So many that were not taken are in the database. */
  written(count: number): void {
    this.#expected -= count
    this.#isBehind = true
    this.#cameMeanwhile = true
  }

  /** There are beacons in the database that nobody told of. */
  readAgain(): void {
    this.#isBehind = true
    this.#cameMeanwhile = true
    if (this.#isLoading) this.#restarts = true
    else this.#afterPlace = 0
  }

  /**
   * What to read now, to be answered by `loaded` or `loadFailed`; undefined when nothing is needed while more than half of
   * `maxHeld` are there.
   */
  beginLoad(maxHeld: number): LaneLoad | undefined {
    if (!this.#isBehind || this.#isLoading || this.#held.size > maxHeld / 2) return undefined
    this.#isLoading = true
    this.#cameMeanwhile = false
    return { afterPlace: this.#afterPlace, limit: maxHeld - this.#held.size }
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
