/**
 * Spreads work that comes in a burst over turns of the event loop, so that sockets are served in between.
 */
import type { Clock } from '../../base/clock.ts'
import { WaitingLine } from '../waiting-line.ts'

/** Runs jobs in order with what follows from each at once, for about `budgetMs` in one turn. */
export class TurnBudget {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #budgetMs: number
  readonly #jobs = new WaitingLine<() => void>()
  #isPlanned = false

  constructor(clock: Pick<Clock, 'monotonicMs'>, budgetMs: number) {
    this.#clock = clock
    this.#budgetMs = budgetMs
  }

  /** Runs the job in one of the next turns. Whoever adds jobs bounds how many there are. */
  run<Result>(job: () => Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => {
        try {
          resolve(job())
        } catch (error) {
          reject(error instanceof Error ? error : new Error('the job failed', { cause: error }))
        }
      })
      this.#plan()
    })
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => this.#runNext(this.#clock.monotonicMs() + this.#budgetMs))
  }

  #runNext(endMs: number): void {
    const job = this.#clock.monotonicMs() < endMs ? this.#jobs.shift() : undefined
    if (job) {
      job()
      // What follows from the job belongs to its time: ticks come after all continuations of promises.
      queueMicrotask(() => process.nextTick(() => this.#runNext(endMs)))
      return
    }
    this.#isPlanned = false
    if (this.#jobs.length > 0) this.#plan()
  }
}
