/**
 * Beacons that are to be sent, and the memory of those that were.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** Tables of the reports to ad servers. */
export const beacons: Migration = {
  name: '0007-beacons',
  up: createBeacons,
}

async function createBeacons(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('beacon')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('state', 'bigint', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('place', 'bigint', (column) => column.notNull())
    .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('retry_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('beacon_by_lane')
    .on('beacon')
    .columns(['node_id', 'state', 'lane', 'place'])
    .execute()
  await database.schema.createIndex('beacon_by_age').on('beacon').columns(['state', 'due_at_ms']).execute()
  await database.schema
    .createTable('beacon_node')
    .addColumn('node_id', 'text', (column) => column.primaryKey())
    .addColumn('alive_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('beacon_node_by_sign_of_life')
    .on('beacon_node')
    .columns(['alive_at_ms', 'node_id'])
    .execute()
}
