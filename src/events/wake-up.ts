/**
 * Sleep that others may end: for loops that wait for news, but not for ever.
 */
import type { Clock } from '../base/clock.ts'

/** The sleep of one loop. A wake-up that comes while it is awake ends its next sleep at once. */
export class WakeUp {
  readonly #clock: Clock
  #isDue = false
  #end: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the sleep. */
  now(): void {
    this.#isDue = true
    this.#end?.()
  }

  /** Sleeps until `now` is called, `limitMs` at most. */
  async within(limitMs: number): Promise<void> {
    if (!this.#isDue && limitMs > 0) await this.#sleep(limitMs, true)
    this.#isDue = false
  }

  /** Sleeps for `delayMs`, whoever calls `now`. */
  after(delayMs: number): Promise<void> {
    return this.#sleep(delayMs, false)
  }

  async #sleep(limitMs: number, canEnd: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = this.#clock.after(limitMs, () => resolve(undefined))
    if (canEnd) this.#end = () => resolve(undefined)
    await promise
    timer.cancel()
    this.#end = undefined
  }
}
