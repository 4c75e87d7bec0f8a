/**
 * Chooses the database of a store.
 */
import { join } from 'node:path'
import type { Database } from './database.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import { openSqlite } from './sqlite/open-sqlite.ts'

const DATABASE_FILE = 'headwater.db'

/** Where the store lives. */
export type StoreOptions = {
  /** Made when absent; held against every other process while the store is open. */
  readonly dataDir: string
  /** PostgreSQL, with its password if any; without it the store is a SQLite file in the data directory. */
  readonly databaseUrl?: string | undefined
}

/**
 * Opens PostgreSQL when its URL is given, else the SQLite file. Tables are not looked at.
 *
 * @throws {StoreError} when it cannot be opened.
 */
export function openDatabase({ dataDir, databaseUrl }: StoreOptions): Promise<Database> {
  return databaseUrl === undefined ? openSqlite(join(dataDir, DATABASE_FILE)) : openPostgres(databaseUrl)
}
