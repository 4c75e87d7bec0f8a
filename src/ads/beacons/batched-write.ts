/**
 * Gathers what is to be written while a write is under way, so that the slower the database, the more share one write.
 *
 * A write that failed is made again, the same, until it succeeds: what is handed in must bear that.
 */
import type { Clock, Timer } from '../../base/clock.ts'

/** What is written and who hears of it. */
export type BatchedWriteOptions<Item, Answer> = {
  readonly write: (items: readonly Item[]) => Promise<Answer>
  /** Called after each write, in order. */
  readonly onWritten: (items: readonly Item[], answer: Answer) => void
  readonly onFailure: (error: unknown) => void
  readonly maxItems: number
  readonly clock: Pick<Clock, 'after'>
}

const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5000

/** Writes of one kind, one at a time and in order. */
export class BatchedWrite<Item, Answer> {
  readonly #options: BatchedWriteOptions<Item, Answer>
  #waiting: Item[] = []
  #running: Promise<void> | undefined
  #isStopped = false
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined

  constructor(options: BatchedWriteOptions<Item, Answer>) {
    this.#options = options
  }

  /** To be written soon; nothing after `stop`. */
  add(item: Item): void {
    if (this.#isStopped) return
    this.#waiting.push(item)
    this.#running ??= this.#run()
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running
  }

  /** What was not written yet is not written any more. */
  stop(): void {
    this.#isStopped = true
    this.#pause?.timer.cancel()
    this.#pause?.end()
  }

  async #run(): Promise<void> {
    // Whatever comes in the same turn of the event loop shares the write.
    await Promise.resolve()
    let pauseMs = FIRST_PAUSE_MS
    while (this.#waiting.length > 0 && !this.#isStopped) {
      if (await this.#writeOnce()) pauseMs = FIRST_PAUSE_MS
      else {
        await this.#wait(pauseMs)
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
      }
    }
    this.#running = undefined
  }

  async #writeOnce(): Promise<boolean> {
    const { write, onWritten, onFailure, maxItems } = this.#options
    const items = this.#waiting.slice(0, maxItems)
    let answer: Answer
    try {
      answer = await write(items)
    } catch (error) {
      if (!this.#isStopped) onFailure(error)
      return false
    }
    this.#waiting = this.#waiting.slice(items.length)
    onWritten(items, answer)
    return true
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const end = (): void => resolve(undefined)
    this.#pause = { timer: this.#options.clock.after(delayMs, end), end }
    return promise.then(() => undefined)
  }
}
