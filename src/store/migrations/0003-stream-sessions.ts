/**
 * Stream sessions with their events, and the revocations of viewer sessions.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** Tables of the live side. */
export const streamSessions: Migration = {
  name: '0003-stream-sessions',
  up: async (database) => {
    await createStreamSessions(database)
    await createStreamEvents(database)
    await createRevocations(database)
  },
}

async function createStreamSessions(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('stream_session')
    .addColumn('stream_id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('channel_arn', 'text', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('recording_configuration', 'text')
    .addColumn('ingest', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint')
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('alive_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_event_number', 'bigint', (column) => column.notNull())
    .addColumn('has_error_event', 'integer', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('stream_session_by_channel')
    .on('stream_session')
    .columns(['channel_arn', 'created_at_ms', 'stream_id'])
    .execute()
  // Serves both those that have no end yet and those that ended long ago.
  await database.schema
    .createIndex('stream_session_by_end')
    .on('stream_session')
    .columns(['ended_at_ms'])
    .execute()
}

async function createStreamEvents(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('stream_event')
    .addColumn('stream_id', 'text', (column) =>
      column.notNull().references('stream_session.stream_id').onDelete('cascade'),
    )
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('time_ms', 'bigint', (column) => column.notNull())
    .addColumn('code', 'text')
    .addPrimaryKeyConstraint('stream_event_pk', ['stream_id', 'number'])
    .execute()
}

async function createRevocations(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('viewer_session_revocation')
    .addColumn('channel_arn', 'text', (column) => column.notNull())
    .addColumn('viewer_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('viewer_session_revocation_pk', ['channel_arn', 'viewer_id'])
    .execute()
  await database.schema
    .createIndex('viewer_session_revocation_by_age')
    .on('viewer_session_revocation')
    .columns(['revoked_at_ms', 'channel_arn', 'viewer_id'])
    .execute()
}
