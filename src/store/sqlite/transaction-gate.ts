/**
 * Shares out the one connection: single statements go through together, a transaction goes alone.
 *
 * Transactions that wait for each other share a commit, and so one wait for the disk: each is a savepoint in the group's
 * transaction, where its failure undoes nothing of the others. No answer is given and nothing is shown to others before
 * the commit of the group is through.
 */
import { StoreError } from '../store-error.ts'

/** The connection behind the gate; statements run in the order of the calls. */
export type GatedConnection = {
  readonly run: (sql: string) => Promise<unknown>
  /** Refuses when no transaction is open, as after a failure that made SQLite undo it. */
  readonly runInside: (sql: string) => Promise<unknown>
}

/** So many transactions a single statement may have to wait for. */
const MAX_GROUP = 64

type Group = { size: number; readonly begun: Promise<unknown>; readonly ended: PromiseWithResolvers<unknown> }

/** Door before one database connection. */
export class TransactionGate {
  readonly #connection: GatedConnection
  readonly #maxRequests: number
  readonly #waitingTransactions: (() => void)[] = []
  readonly #waitingStatements: (() => void)[] = []
  #requests = 0
  #group: Group | undefined
  #occupied = false
  #committing = false

  /** @param maxRequests single statements and transactions under way or waiting, together. */
  constructor(connection: GatedConnection, maxRequests: number) {
    this.#connection = connection
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
      if (!this.#group) return await statement()
      return await new Promise<Result>((resolve) => {
        this.#waitingStatements.push(() => resolve(statement()))
      })
    } finally {
      this.#requests--
    }
  }

  /**
   * Resolves when the connection is the caller's, inside a transaction, until it calls `leave`.
   *
   * @throws {StoreError} `STORE_BUSY` when too many requests are under way.
   */
  async enter(): Promise<void> {
    this.#count()
    await new Promise<void>((resolve) => {
      this.#waitingTransactions.push(resolve)
      this.#advance()
    })
  }

  /** Ends what `enter` began. Resolves when all of it is on disk, and rejects when nothing of it is kept. */
  keep(): Promise<void> {
    return this.#leave()
  }

  /** Ends what `enter` began and takes back what was written. Resolves when what it had read is final. */
  async undo(): Promise<void> {
    this.#post('rollback to member')
    await this.#leave().catch(() => undefined)
  }

  async #leave(): Promise<void> {
    const group = this.#group
    this.#post('release member')
    this.#occupied = false
    this.#advance()
    try {
      await group?.ended.promise
    } finally {
      this.#requests--
    }
  }

  #count(): void {
    if (this.#requests >= this.#maxRequests) {
      throw new StoreError('STORE_BUSY', `more than ${this.#maxRequests} database requests are waiting`)
    }
    this.#requests++
  }

  #advance(): void {
    while (!this.#occupied && !this.#committing) {
      const isFull = this.#group !== undefined && this.#group.size >= MAX_GROUP
      const next = isFull ? undefined : this.#waitingTransactions.shift()
      if (next) this.#admit(next)
      else if (this.#group) this.#commit(this.#group)
      else return
    }
  }

  #admit(start: () => void): void {
    this.#group ??= this.#begin()
    this.#group.size++
    this.#occupied = true
    this.#post('savepoint member')
    start()
  }

  #begin(): Group {
    const begun = this.#connection.run('begin immediate')
    begun.catch(() => undefined)
    return { size: 0, begun, ended: Promise.withResolvers() }
  }

  // Transactions that come meanwhile wait for its end and make the next group: the slower the disk, the larger it is.
  #commit(group: Group): void {
    const committed = this.#connection.runInside('commit')
    this.#committing = true
    void Promise.allSettled([group.begun, committed]).then((outcomes) => {
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) group.ended.reject(failed.reason)
      else group.ended.resolve(undefined)
      this.#committing = false
      this.#advance()
    })
    this.#group = undefined
    for (const start of this.#waitingStatements.splice(0)) start()
  }

  // When one of these fails, so does the commit, and its failure is told.
  #post(sql: string): void {
    this.#connection.runInside(sql).catch(() => undefined)
  }
}
