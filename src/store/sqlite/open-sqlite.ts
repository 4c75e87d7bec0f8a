/**
 * The SQLite file as a database for the stores.
 */
import { Kysely } from 'kysely'
import type { BatchStep, Database } from '../database.ts'
import type { Tables } from '../schema.ts'
import type { BatchStatement, SqlValue } from './protocol.ts'
import { SqliteDialect } from './sqlite-dialect.ts'
import { SqliteThread } from './sqlite-thread.ts'
import { TransactionGate } from './transaction-gate.ts'

const MAX_REQUESTS = 4096

/**
 * Opens the file, creating it when absent, and holds it against every other process.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE` or `DATA_DIR_UNUSABLE`.
 */
export async function openSqlite(databasePath: string): Promise<Database> {
  const thread = await SqliteThread.open(databasePath)
  const gate = new TransactionGate(thread, MAX_REQUESTS)
  const query = new Kysely<Tables>({ dialect: new SqliteDialect(thread, gate) })
  return {
    query,
    // All transactions of a SQLite file go one after the other, whatever their turn.
    transaction: (_turn, work) => query.transaction().execute(work),
    batch: async (_turn, steps) => {
      const unmet = await runBatch(thread, gate, steps.map(toStatement))
      const refuse = unmet === undefined ? undefined : steps[unmet]?.orElse
      return refuse ? refuse() : 'done'
    },
    lost: thread.lost,
    // Not through Kysely: whoever still asks afterwards gets the store's own error, not Kysely's.
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  }
}

async function runBatch(
  thread: SqliteThread,
  gate: TransactionGate,
  statements: readonly BatchStatement[],
): Promise<number | undefined> {
  await gate.enter()
  const running = thread.runBatch(statements)
  // Whoever waits at the gate need not wait for the answer: what it sends comes after this in any case.
  const [kept, result] = await Promise.allSettled([gate.keep(), running])
  if (result.status === 'rejected') throw result.reason
  if (kept.status === 'rejected') throw kept.reason
  return result.value
}

function toStatement({ query, orElse }: BatchStep<unknown>): BatchStatement {
  const { sql, parameters } = query.compile()
  return { sql, parameters: parameters as readonly SqlValue[], required: orElse !== undefined }
}
