/**
 * The one moment at which a request is over before its answer is whole.
 *
 * Much lighter than an AbortController, which thousands of requests a second would feel.
 */

/** Ends once, with a reason. */
export class Ending {
  readonly #listeners: ((reason: Error) => void)[] = []
  #reason: Error | undefined

  /** Undefined until it has ended. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /** Ends it; the first reason counts. */
  readonly end = (reason: Error): void => {
    if (this.#reason) return
    this.#reason = reason
    for (const listener of this.#listeners.splice(0)) listener(reason)
  }

  /** Calls `listener` at the end, or at once when that is over. */
  listen(listener: (reason: Error) => void): void {
    if (this.#reason) listener(this.#reason)
    else this.#listeners.push(listener)
  }
}
