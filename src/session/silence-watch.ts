/**
 * Tells when a publisher has sent nothing for too long (reference ivs-behaviour §5). Being heard costs no timer: the one
 * that runs is set anew only when it fires.
 */
import type { Clock, Timer } from '../base/clock.ts'

/** What a watch needs. */
export type SilenceWatchOptions = {
  readonly clock: Clock
  /** Longest time without a byte, in milliseconds. */
  readonly timeoutMs: number
  /** Called once, when nothing was heard for that long. */
  readonly onSilence: () => void
}

/** One session's watch; it begins with its making. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  #heardMonotonicMs: number
  #timer: Timer

  constructor(options: SilenceWatchOptions) {
    this.#options = options
    this.#heardMonotonicMs = options.clock.monotonicMs()
    this.#timer = this.#checkAfter(options.timeoutMs)
  }

  /** The publisher sent something. */
  touch(): void {
    this.#heardMonotonicMs = this.#options.clock.monotonicMs()
  }

  /** Watches no more. */
  stop(): void {
    this.#timer.cancel()
  }

  #checkAfter(delayMs: number): Timer {
    const { clock, timeoutMs, onSilence } = this.#options
    return clock.after(delayMs, () => {
      const remainingMs = timeoutMs - (clock.monotonicMs() - this.#heardMonotonicMs)
      if (remainingMs <= 0) onSilence()
      else this.#timer = this.#checkAfter(remainingMs)
    })
  }
}
