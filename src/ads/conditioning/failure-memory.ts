/**
 * Remembers which creatives failed, so that a broken one is not tried for every viewer of every break.
 *
 * The pause grows fourfold with each failure. One whose file itself is wrong waits longest from the beginning: its URL
 * may hold another file some day.
 */
import type { Clock } from '../../base/clock.ts'
import { isLasting, type ConditioningError } from './conditioning-error.ts'

/** Pause after the first failure, and the longest one, in milliseconds. */
export const FIRST_PAUSE_MS = 30_000
/** See `FIRST_PAUSE_MS`. */
export const LONGEST_PAUSE_MS: number = 60 * 60_000

/** Failures that are remembered; the oldest are forgotten first. */
const MAX_FAILURES = 10_000
const PAUSE_GROWTH = 4

type Failure = { readonly error: ConditioningError; readonly count: number; readonly retryAtMs: number }

/** Failures by creative. */
export class FailureMemory {
  readonly #clock: Clock
  readonly #failures = new Map<string, Failure>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a creative did not fail, or did so long enough ago. */
  mayTry(key: string): boolean {
    const failure = this.#failures.get(key)
    return !failure || this.#clock.monotonicMs() >= failure.retryAtMs
  }

  /** Why a creative failed last; undefined when it did not. */
  errorOf(key: string): ConditioningError | undefined {
    return this.#failures.get(key)?.error
  }

  /** A creative failed. */
  add(key: string, error: ConditioningError): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const grownMs = FIRST_PAUSE_MS * PAUSE_GROWTH ** Math.min(count - 1, 10)
    const pauseMs = isLasting(error) ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, grownMs)
    this.#failures.delete(key)
    this.#failures.set(key, { error, count, retryAtMs: this.#clock.monotonicMs() + pauseMs })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > MAX_FAILURES && oldest !== undefined) this.#failures.delete(oldest)
  }

  /** A creative is fine now. */
  forget(key: string): void {
    this.#failures.delete(key)
  }
}
