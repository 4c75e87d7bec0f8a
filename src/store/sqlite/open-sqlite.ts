/**
 * The SQLite file as a database for the stores.
 */
import { Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { Tables } from '../schema.ts'
import { SqliteDialect } from './sqlite-dialect.ts'
import { SqliteThread } from './sqlite-thread.ts'

const MAX_REQUESTS = 4096

/**
 * Opens the file, creating it when absent, and holds it against every other process.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE` or `DATA_DIR_UNUSABLE`.
 */
export async function openSqlite(databasePath: string): Promise<Database> {
  const thread = await SqliteThread.open(databasePath)
  const query = new Kysely<Tables>({ dialect: new SqliteDialect(thread, MAX_REQUESTS) })
  return {
    query,
    // All transactions of a SQLite file go one after the other, whatever their turn.
    transaction: (_turn, work) => query.transaction().execute(work),
    lost: thread.lost,
    // Not through Kysely: whoever still asks afterwards gets the store's own error, not Kysely's.
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  }
}
