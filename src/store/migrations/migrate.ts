/**
 * Brings the tables up to date.
 */
import type { Transaction } from 'kysely'
import type { Database } from '../database.ts'
import type { Tables } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { channels } from './0001-channels.ts'
import { resources } from './0002-resources.ts'
import { streamSessions } from './0003-stream-sessions.ts'
import { spentTokens } from './0004-spent-tokens.ts'
import { eventOutbox } from './0005-event-outbox.ts'
import { playbackConfigurations } from './0006-playback-configurations.ts'
import { beacons } from './0007-beacons.ts'
import { beaconChains } from './0008-beacon-chains.ts'
import type { Migration } from './migration.ts'

const TURN = 'change of the tables'

/** Every change, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  channels,
  resources,
  streamSessions,
  spentTokens,
  eventOutbox,
  playbackConfigurations,
  beacons,
  beaconChains,
]

/**
 * Makes the changes that the database does not have yet, each in a transaction of its own.
 *
 * Several nodes may do this at once: they take turns, and each change is made by one of them.
 *
 * @throws {StoreError} `SCHEMA_TOO_NEW` when a newer release has already changed the tables.
 */
export async function migrate(
  database: Pick<Database, 'transaction'>,
  migrations: readonly Migration[],
  nowMs: () => number,
): Promise<void> {
  const next = () => database.transaction(TURN, (transaction) => applyNext(transaction, migrations, nowMs()))
  while ((await next()) === 'applied');
}

async function applyNext(
  transaction: Transaction<Tables>,
  migrations: readonly Migration[],
  appliedAtMs: number,
): Promise<'applied' | 'up to date'> {
  await transaction.schema
    .createTable('schema_migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  const rows = await transaction.selectFrom('schema_migration').select('name').execute()
  const applied = new Set(rows.map((row) => row.name))
  refuseUnknown(applied, migrations)
  const missing = migrations.find((migration) => !applied.has(migration.name))
  if (!missing) return 'up to date'
  await missing.up(transaction)
  await transaction
    .insertInto('schema_migration')
    .values({ name: missing.name, applied_at_ms: appliedAtMs })
    .execute()
  return 'applied'
}

function refuseUnknown(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = [...applied].find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new StoreError('SCHEMA_TOO_NEW', `the database was changed by a newer release (${unknown})`)
}
