/**
 * Channels, their stream keys, the resource counters and the service's own secrets.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

const CHANNEL_REFERENCES = [
  'recording_configuration_arn',
  'playback_restriction_policy_arn',
  'ad_configuration_arn',
] as const

/** First tables of the service. */
export const channels: Migration = {
  name: '0001-channels',
  up: async (database) => {
    await createChannels(database)
    await createStreamKeys(database)
    await database.schema
      .createTable('resource_count')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('resource_type', 'text', (column) => column.notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('resource_count_pk', ['account_id', 'resource_type'])
      .execute()
    await database.schema
      .createTable('secret')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute()
  },
}

async function createChannels(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('channel')
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('latency_mode', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('preset', 'text', (column) => column.notNull())
    .addColumn('authorized', 'integer', (column) => column.notNull())
    .addColumn('insecure_ingest', 'integer', (column) => column.notNull())
    .addColumn('container_format', 'text', (column) => column.notNull())
    .addColumn('multitrack_input', 'text', (column) => column.notNull())
    .addColumn('recording_configuration_arn', 'text', (column) => column.notNull())
    .addColumn('playback_restriction_policy_arn', 'text', (column) => column.notNull())
    .addColumn('ad_configuration_arn', 'text', (column) => column.notNull())
    .addColumn('srt_passphrase', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('channel_by_age')
    .on('channel')
    .columns(['account_id', 'created_at_ms', 'arn'])
    .execute()
  await database.schema
    .createIndex('channel_by_name')
    .on('channel')
    .columns(['account_id', 'name', 'created_at_ms', 'arn'])
    .execute()
  // Most channels refer to nothing, so the indexes hold only those that do.
  for (const column of CHANNEL_REFERENCES) {
    await database.schema
      .createIndex(`channel_by_${column}`)
      .on('channel')
      .columns(['account_id', column, 'created_at_ms', 'arn'])
      .where(column, '<>', '')
      .execute()
  }
}

async function createStreamKeys(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('stream_key')
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('channel_arn', 'text', (column) =>
      column.notNull().references('channel.arn').onDelete('cascade'),
    )
    .addColumn('value', 'text', (column) => column.notNull().unique())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('stream_key_by_channel')
    .on('stream_key')
    .columns(['channel_arn', 'created_at_ms', 'arn'])
    .execute()
}
