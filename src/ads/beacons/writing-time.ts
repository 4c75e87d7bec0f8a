/**
 * How long writes may hold up the event loop, and with it all media, when the system makes writers wait for its disks.
 *
 * A write takes microseconds as a rule. Only slow ones count: once they have taken `MAX_BLOCKED_MS` together, nothing is
 * written until the stretch is over in which they did.
 */
import type { Clock } from '../../base/clock.ts'

/** A shorter write is not slow. */
const SLOW_MS = 20
/** What slow writes may take in one stretch; the last of them may be longer. */
export const MAX_BLOCKED_MS = 250
/** Length of a stretch. */
export const STRETCH_MS = 5000

/** The time of one writer. */
export class WritingTime {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #beganMs = -Infinity
  #blockedMs = 0

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Whether something may be written now. */
  get isLeft(): boolean {
    return this.#blockedMs < MAX_BLOCKED_MS || this.#clock.monotonicMs() - this.#beganMs >= STRETCH_MS
  }

  /** Does what may take long, and nothing else: a garbage collection is no slow disk. */
  take<Result>(write: () => Result): Result {
    const startMs = this.#clock.monotonicMs()
    if (startMs - this.#beganMs >= STRETCH_MS) {
      this.#beganMs = startMs
      this.#blockedMs = 0
    }
    const result = write()
    const tookMs = this.#clock.monotonicMs() - startMs
    if (tookMs >= SLOW_MS) this.#blockedMs += tookMs
    return result
  }
}
