/**
 * What the stores need of a database, whichever program runs it: `sqlite/` or `postgres/`.
 */
import type { Kysely, Transaction } from 'kysely'
import type { StoreError } from './store-error.ts'
import type { Tables } from './schema.ts'

/** An open database; what is under way when it is disposed is done whole or not at all. */
export type Database = AsyncDisposable & {
  /** For reads, and for writes of one statement that no rule depends on. */
  readonly query: Kysely<Tables>
  /**
   * Runs `work` in one transaction, on disk whole when this resolves or else not at all.
   *
   * Transactions with the same `turn` (an account id, as a rule) go one after the other, on all nodes together: what
   * `work` read is still true when it writes. `work` may run more than once and must touch nothing but the transaction.
   */
  readonly transaction: <Result>(
    turn: string,
    work: (transaction: Transaction<Tables>) => Promise<Result>,
  ) => Promise<Result>
  /** Resolves when the database is gone for good and only a new start of the process helps. */
  readonly lost: Promise<StoreError>
}
