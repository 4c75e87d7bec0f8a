/**
 * Keeps the statements of others out of an open transaction on the one connection there is.
 *
 * Single statements go through together; a transaction goes alone. First come, first served, with a bound.
 */
import { StoreError } from '../store-error.ts'

type Entry = { readonly alone: boolean; readonly start: () => void }

/** Door before one database connection. */
export class TransactionGate {
  readonly #maxRequests: number
  readonly #queue: Entry[] = []
  #requests = 0
  #held = false

  /** @param maxRequests single statements and transactions under way or waiting, together. */
  constructor(maxRequests: number) {
    this.#maxRequests = maxRequests
  }

  /**
   * Runs `statement` outside every transaction.
   *
   * @throws {StoreError} `STORE_BUSY` when too many requests are under way.
   */
  async pass<Result>(statement: () => Promise<Result>): Promise<Result> {
    this.#count()
    try {
      return await this.#inTurn(false, statement)
    } finally {
      this.#requests--
    }
  }

  /**
   * Waits until the connection is free, keeps it, and runs `begin`; `release` gives it back.
   *
   * @throws {StoreError} `STORE_BUSY` when too many requests are under way. Nothing is kept when this throws.
   */
  async hold<Result>(begin: () => Promise<Result>): Promise<Result> {
    this.#count()
    try {
      return await this.#inTurn(true, begin)
    } catch (error) {
      this.release()
      throw error
    }
  }

  /** Ends what `hold` began. */
  release(): void {
    this.#requests--
    this.#held = false
    this.#advance()
  }

  #count(): void {
    if (this.#requests >= this.#maxRequests) {
      throw new StoreError('STORE_BUSY', `more than ${this.#maxRequests} database requests are waiting`)
    }
    this.#requests++
  }

  // `start` sends its statement before it returns, so the order of turns is the order on the wire.
  #inTurn<Result>(alone: boolean, start: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve) => {
      this.#queue.push({ alone, start: () => resolve(start()) })
      this.#advance()
    })
  }

  #advance(): void {
    while (!this.#held) {
      const next = this.#queue.shift()
      if (!next) return
      this.#held = next.alone
      next.start()
    }
  }
}
