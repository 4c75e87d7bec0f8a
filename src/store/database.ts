/**
 * What the stores need of a database, whichever program runs it: `sqlite/` or `postgres/`.
 */
import type { Compilable, Kysely, Transaction } from 'kysely'
import type { StoreError } from './store-error.ts'
import type { Tables } from './schema.ts'

/** One statement of a batch. */
export type BatchStep<Refusal> = {
  readonly query: Compilable
  /**
   * What the batch ends with, keeping nothing, when this statement finds or changes no row; an error when it throws one.
   * Without it that is no reason to stop.
   */
  readonly orElse?: () => Refusal
}

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
  /**
   * The same for statements that are all known beforehand. They reach SQLite in one message, so that this costs a
   * fraction of `transaction` and does not slow down when the service's thread is busy.
   */
  readonly batch: <Refusal>(turn: string, steps: readonly BatchStep<Refusal>[]) => Promise<'done' | Refusal>
  /** Resolves when the database is gone for good and only a new start of the process helps. */
  readonly lost: Promise<StoreError>
}
