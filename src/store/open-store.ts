/**
 * Opens everything that lasts: a SQLite file in the data directory, or a PostgreSQL database.
 */
import { lockDataDir } from './directory-lock.ts'
import { migrate, MIGRATIONS } from './migrations/migrate.ts'
import { openDatabase } from './open-database.ts'
import type { StoreOptions } from './open-database.ts'
import { sqlStores } from './sql-stores.ts'
import type { Stores } from './sql-stores.ts'
import type { StoreError } from './store-error.ts'

/** All durable stores; what is under way when it is disposed is done whole or not at all. */
export type Store = Stores &
  AsyncDisposable & {
    /** Resolves when the database is gone for good and only a new start of the process helps. */
    readonly lost: Promise<StoreError>
  }

/**
 * Opens the store and brings its tables up to date.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE`, `DATA_DIR_UNUSABLE`, `DATABASE_UNREACHABLE`, `DATABASE_REFUSED` or
 *   `SCHEMA_TOO_NEW`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  // What was opened is closed again if a later step fails.
  await using opening = new AsyncDisposableStack()
  opening.use(await lockDataDir(options.dataDir))
  const database = opening.use(await openDatabase(options))
  await migrate(database, MIGRATIONS, () => Date.now())
  const opened = opening.move()
  return {
    ...sqlStores(database),
    lost: database.lost,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
