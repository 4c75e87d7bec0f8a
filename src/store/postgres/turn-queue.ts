/**
 * Lets those who would block each other in the database wait here instead, where waiting holds no connection.
 */
import { StoreError } from '../store-error.ts'

/** One queue for each name, first come, first served. */
export class TurnQueue {
  readonly #maxRequests: number
  readonly #last = new Map<string, Promise<void>>()
  #requests = 0

  /** @param maxRequests under way or waiting, in all queues together. */
  constructor(maxRequests: number) {
    this.#maxRequests = maxRequests
  }

  /**
   * Runs `work` when all that came before with the same `turn` has ended.
   *
   * @throws {StoreError} `STORE_BUSY` when too many are under way.
   */
  async take<Result>(turn: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#requests >= this.#maxRequests) {
      throw new StoreError('STORE_BUSY', `more than ${this.#maxRequests} transactions are waiting`)
    }
    const before = this.#last.get(turn)
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
    const mine = ended.then(() => undefined)
    this.#last.set(turn, mine)
    this.#requests++
    try {
      await before
      return await work()
    } finally {
      this.#requests--
      if (this.#last.get(turn) === mine) this.#last.delete(turn)
      end(undefined)
    }
  }
}
