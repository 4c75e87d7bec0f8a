/**
 * Carries 32-bit RTMP timestamps on past their wrap at 49.7 days.
 *
 * Spec: RTMP 1.0 §5.1: adjacent timestamps are within 2^31 of each other.
 */

/** Follows the clock of one publisher; audio and video share it. */
export class TimestampUnwrapper {
  #lastMs: number | undefined

  /** The time of `timestamp` (modulo 2^32) that lies nearest to the one before; the first is taken as it is. */
  unwrap(timestamp: number): number {
    const lastMs = this.#lastMs
    // The difference as a signed 32-bit number is the short way round.
    this.#lastMs = lastMs === undefined ? timestamp : lastMs + ((timestamp - lastMs) | 0)
    return this.#lastMs
  }
}
