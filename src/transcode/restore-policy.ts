/**
 * When a rung that was given up is made again: after a calm time, which doubles each time that the rung had to be given up
 * again soon. That the rest of the ladder keeps up does not tell whether there is room for more, so it is tried.
 *
 * Pure: times are handed in.
 */

const FIRST_CALM_MS = 120_000
const MAX_CALM_MS = 16 * FIRST_CALM_MS
/** A ladder with more lag than this has nothing to spare. */
const CALM_LAG_MS = 500
/** A rung that stays this long has found its room: the next one that is given up is tried again as soon as the first. */
const PROVEN_AFTER_MS = 600_000

/** One ladder's patience. */
export class RestorePolicy {
  #calmMs = FIRST_CALM_MS
  #calmSinceMs: number | undefined
  #restoredMs: number | undefined

  /** A rung was given up. */
  noteShed(nowMs: number): void {
    if (this.#restoredMs !== undefined) {
      const wasProven = nowMs - this.#restoredMs >= PROVEN_AFTER_MS
      this.#calmMs = wasProven ? FIRST_CALM_MS : Math.min(2 * this.#calmMs, MAX_CALM_MS)
      this.#restoredMs = undefined
    }
    this.#calmSinceMs = undefined
  }

  /** A rung is made again; the next one has to wait as long. */
  noteRestored(nowMs: number): void {
    this.#restoredMs = nowMs
    this.#calmSinceMs = undefined
  }

  /** Notes how far the slowest track is behind; whether it has been calm for long enough. */
  isDue(nowMs: number, lagMs: number): boolean {
    if (lagMs > CALM_LAG_MS) this.#calmSinceMs = undefined
    else this.#calmSinceMs ??= nowMs
    return this.#calmSinceMs !== undefined && nowMs - this.#calmSinceMs >= this.#calmMs
  }
}
