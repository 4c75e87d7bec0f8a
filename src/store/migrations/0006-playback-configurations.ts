/**
 * Playback configurations, and the prefetch schedules that belong to them.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** Tables of where ads come from. */
export const playbackConfigurations: Migration = {
  name: '0006-playback-configurations',
  up: async (database) => {
    await createPlaybackConfigurations(database)
    await createPrefetchSchedules(database)
  },
}

async function createPlaybackConfigurations(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('playback_configuration')
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('account_hash', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('playback_configuration_once', ['account_id', 'name'])
    .addUniqueConstraint('playback_configuration_address', ['account_hash', 'name'])
    .execute()
  await database.schema
    .createIndex('playback_configuration_by_age')
    .on('playback_configuration')
    .columns(['account_id', 'created_at_ms', 'arn'])
    .execute()
}

async function createPrefetchSchedules(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('prefetch_schedule')
    .addColumn('arn', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('configuration_name', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('schedule_type', 'text', (column) => column.notNull())
    .addColumn('stream_id', 'text', (column) => column.notNull())
    .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('prefetch_schedule_once', ['account_id', 'configuration_name', 'name'])
    .execute()
  await database.schema
    .createIndex('prefetch_schedule_by_age')
    .on('prefetch_schedule')
    .columns(['account_id', 'configuration_name', 'created_at_ms', 'arn'])
    .execute()
  await database.schema
    .createIndex('prefetch_schedule_active')
    .on('prefetch_schedule')
    .columns(['account_id', 'configuration_name', 'ends_at_ms'])
    .execute()
  await database.schema
    .createIndex('prefetch_schedule_by_end')
    .on('prefetch_schedule')
    .columns(['ends_at_ms', 'arn'])
    .execute()
}
