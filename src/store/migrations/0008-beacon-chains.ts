/**
 * The memory of beacons that were due: a row for each viewing session and break in place of one for each beacon.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** What a settled beacon was before it was removed. */
const SETTLED = 2

/** Table of what is remembered of beacons. */
export const beaconChains: Migration = {
  name: '0008-beacon-chains',
  up: createBeaconChains,
}

async function createBeaconChains(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('beacon_chain')
    .addColumn('chain', 'text', (column) => column.primaryKey())
    .addColumn('touched_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('events', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('beacon_chain_by_age')
    .on('beacon_chain')
    .columns(['touched_at_ms'])
    .execute()
  // The breaks they were of ended with the server that made them: nobody asks for them again.
  await database.deleteFrom('beacon').where('state', '=', SETTLED).execute()
  await database.schema.dropIndex('beacon_by_age').execute()
}
