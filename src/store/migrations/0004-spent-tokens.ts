/**
 * Single-use playback tokens that were used.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'
import type { Migration } from './migration.ts'

/** Table of what may not be used again. */
export const spentTokens: Migration = {
  name: '0004-spent-tokens',
  up: createSpentTokens,
}

async function createSpentTokens(database: Kysely<Tables>): Promise<void> {
  await database.schema
    .createTable('spent_token')
    .addColumn('channel_arn', 'text', (column) => column.notNull())
    .addColumn('token_id', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('spent_token_pk', ['channel_arn', 'token_id'])
    .execute()
  await database.schema
    .createIndex('spent_token_by_expiry')
    .on('spent_token')
    .columns(['expires_at_ms', 'channel_arn', 'token_id'])
    .execute()
}
