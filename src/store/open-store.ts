/**
 * Opens everything that lasts: one SQLite file in the data directory.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import type { ChannelStore, SecretStore, StreamKeyStore } from '../domain/stores.ts'
import { migrate, MIGRATIONS } from './migrations/migrate.ts'
import type { Tables } from './schema.ts'
import { sqlChannelStore } from './sql-channel-store.ts'
import { sqlSecretStore } from './sql-secret-store.ts'
import { sqlStreamKeyStore } from './sql-stream-key-store.ts'
import { SqliteDialect } from './sqlite/sqlite-dialect.ts'
import { SqliteThread } from './sqlite/sqlite-thread.ts'
import { StoreError } from './store-error.ts'

const DATABASE_FILE = 'headwater.db'
const MAX_REQUESTS = 4096

/** Where the store lives. */
export type StoreOptions = {
  /** Made when absent; held against every other process while the store is open. */
  readonly dataDir: string
}

/** All durable stores; what is under way when it is disposed is done whole or not at all. */
export type Store = AsyncDisposable & {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
  readonly secrets: SecretStore
}

/**
 * Opens the store and brings its tables up to date.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE`, `DATA_DIR_UNUSABLE` or `SCHEMA_TOO_NEW`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  await makeDirectory(options.dataDir)
  const thread = await SqliteThread.open(join(options.dataDir, DATABASE_FILE))
  const database = new Kysely<Tables>({ dialect: new SqliteDialect(thread, MAX_REQUESTS) })
  // Not through Kysely: whoever still asks afterwards gets the store's own error, not Kysely's.
  const close = (): Promise<void> => thread[Symbol.asyncDispose]()
  try {
    await migrate(database, MIGRATIONS, () => Date.now())
  } catch (error) {
    await close()
    throw error
  }
  return {
    channels: sqlChannelStore(database),
    streamKeys: sqlStreamKeyStore(database),
    secrets: sqlSecretStore(database),
    [Symbol.asyncDispose]: close,
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StoreError('DATA_DIR_UNUSABLE', `the data directory ${path} cannot be made`, { cause })
  }
}
