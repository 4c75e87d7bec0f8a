/**
 * Events on their way to targets, and those that were given up.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** Tables of the events that leave the service. */
export const eventOutbox: Migration = {
  name: '0005-event-outbox',
  up: async (database) => {
    await createOutbox(database)
    await createTargets(database)
    await createDeadLetters(database)
  },
}

async function createOutbox(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('event_head')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .execute()
  await database.insertInto('event_head').values({ name: 'outbox', sequence: 0 }).execute()
  await database.schema
    .createTable('event_outbox')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('event_id', 'text', (column) => column.notNull().unique())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('written_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('event_outbox_by_account')
    .on('event_outbox')
    .columns(['account_id', 'sequence'])
    .execute()
  await database.schema
    .createIndex('event_outbox_by_age')
    .on('event_outbox')
    .columns(['written_at_ms'])
    .execute()
}

async function createTargets(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('event_target')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('cursor', 'bigint', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('leased_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('dead_letters', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createTable('event_parked')
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('retry_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('event_parked_pk', ['target', 'sequence'])
    .execute()
}

async function createDeadLetters(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('event_dead_letter')
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('attempts', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('died_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('event_dead_letter_pk', ['sequence', 'target'])
    .execute()
}
