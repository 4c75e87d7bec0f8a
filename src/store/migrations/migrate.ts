/**
 * Brings the tables up to date.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { channels } from './0001-channels.ts'
import { resources } from './0002-resources.ts'
import { streamSessions } from './0003-stream-sessions.ts'
import type { Migration } from './migration.ts'

/** Every change, oldest first. */
export const MIGRATIONS: readonly Migration[] = [channels, resources, streamSessions]

/**
 * Makes the changes that the database does not have yet, each in a transaction of its own.
 *
 * @throws {StoreError} `SCHEMA_TOO_NEW` when a newer release has already changed the tables.
 */
export async function migrate(
  database: Kysely<Tables>,
  migrations: readonly Migration[],
  nowMs: () => number,
): Promise<void> {
  await database.schema
    .createTable('schema_migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  const rows = await database.selectFrom('schema_migration').select('name').execute()
  const applied = new Set(rows.map((row) => row.name))
  refuseUnknown(applied, migrations)
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue
    await database.transaction().execute((transaction) => apply(transaction, migration, nowMs()))
  }
}

async function apply(
  transaction: Transaction<Tables>,
  migration: Migration,
  appliedAtMs: number,
): Promise<void> {
  await migration.up(transaction)
  await transaction
    .insertInto('schema_migration')
    .values({ name: migration.name, applied_at_ms: appliedAtMs })
    .execute()
}

function refuseUnknown(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = [...applied].find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new StoreError('SCHEMA_TOO_NEW', `the database was changed by a newer release (${unknown})`)
}
