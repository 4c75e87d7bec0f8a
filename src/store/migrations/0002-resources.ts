/**
 * Playback key pairs, playback restriction policies, recording configurations and ad configurations.
 */
import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

const TABLES = [
  'playback_key_pair',
  'playback_restriction_policy',
  'recording_configuration',
  'ad_configuration',
] as const

/** Tables of what channels refer to, and of the keys for their playback. */
export const resources: Migration = {
  name: '0002-resources',
  up: async (database) => {
    await createKeyPairs(database)
    await createPolicies(database)
    await createRecordingConfigurations(database)
    await createAdConfigurations(database)
    for (const table of TABLES) {
      await database.schema
        .createIndex(`${table}_by_age`)
        .on(table)
        .columns(['account_id', 'created_at_ms', 'arn'])
        .execute()
    }
  },
}

async function createKeyPairs(database: Kysely<Tables>): Promise<void> {
  await createResources(database, 'playback_key_pair')
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('public_key_pem', 'text', (column) => column.notNull())
    .addUniqueConstraint('playback_key_pair_once', ['account_id', 'fingerprint'])
    .execute()
}

async function createPolicies(database: Kysely<Tables>): Promise<void> {
  await createResources(database, 'playback_restriction_policy')
    .addColumn('allowed_countries', 'text', (column) => column.notNull())
    .addColumn('allowed_origins', 'text', (column) => column.notNull())
    .addColumn('strict_origin', 'integer', (column) => column.notNull())
    .execute()
}

async function createRecordingConfigurations(database: Kysely<Tables>): Promise<void> {
  await createResources(database, 'recording_configuration')
    .addColumn('bucket_name', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('thumbnails', 'text', (column) => column.notNull())
    .addColumn('renditions', 'text', (column) => column.notNull())
    .addColumn('reconnect_window_seconds', 'integer', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('recording_configuration_creating')
    .on('recording_configuration')
    .columns(['state', 'created_at_ms', 'arn'])
    .execute()
}

async function createAdConfigurations(database: Kysely<Tables>): Promise<void> {
  await createResources(database, 'ad_configuration')
    .addColumn('playback_configuration_arns', 'text', (column) => column.notNull())
    .addColumn('post_roll', 'text', (column) => column.notNull())
    .execute()
}

/** A table with the columns that all of these have. */
function createResources(
  database: Kysely<Tables>,
  table: (typeof TABLES)[number],
): CreateTableBuilder<(typeof TABLES)[number], string> {
  return database.schema
    .createTable(table)
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
}
