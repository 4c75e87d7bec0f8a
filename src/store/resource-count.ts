/**
 * Counts an account's resources of one type, so that a quota costs one row and not a walk over the table.
 */
import type { InsertQueryBuilder, Kysely, Transaction } from 'kysely'
import type { ResourceType } from '../domain/arn.ts'
import type { ResourceCountRow, Tables } from './schema.ts'

/** What is counted. */
export type CountedType = ResourceType | 'playback-configuration'

/** Adds one unless there are `limit` already; false then. */
export async function countOneMore(
  transaction: Transaction<Tables>,
  accountId: string,
  resourceType: CountedType,
  limit: number,
): Promise<boolean> {
  if (limit < 1) return false
  const counted = await oneMore(transaction, accountId, resourceType, limit).executeTakeFirst()
  return counted !== undefined
}

/** The statement that adds one; it gives back a row unless there are `limit` ≥ 1 already. */
export function oneMore(
  database: Kysely<Tables>,
  accountId: string,
  resourceType: CountedType,
  limit: number,
): InsertQueryBuilder<Tables, 'resource_count', Pick<ResourceCountRow, 'count'>> {
  return database
    .insertInto('resource_count')
    .values({ account_id: accountId, resource_type: resourceType, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'resource_type'])
        .doUpdateSet((old) => ({ count: old('resource_count.count', '+', 1) }))
        .where('resource_count.count', '<', limit),
    )
    .returning('count')
}

/** Takes `removed` ≥ 0 away. */
export async function countFewer(
  transaction: Transaction<Tables>,
  accountId: string,
  resourceType: CountedType,
  removed: number,
): Promise<void> {
  await transaction
    .updateTable('resource_count')
    .set((old) => ({ count: old('count', '-', removed) }))
    .where('account_id', '=', accountId)
    .where('resource_type', '=', resourceType)
    .execute()
}
