/**
 * Queries that are the same for every table of resources: by ARN, and page by page.
 */
import type { Kysely, Transaction } from 'kysely'
import type { ResourceType } from '../domain/arn.ts'
import type { DeleteOutcome, Page, PageRequest } from '../domain/stores.ts'
import type { BornResource } from '../domain/resource-birth.ts'
import { oldestFirst } from './oldest-first.ts'
import { toPage } from './page-cursor.ts'
import { countFewer, countOneMore } from './resource-count.ts'
import type {
  AdConfigurationRow,
  ChannelRow,
  PlaybackKeyPairRow,
  PlaybackRestrictionPolicyRow,
  RecordingConfigurationRow,
  Tables,
} from './schema.ts'

/** Tables whose rows are resources that stand by themselves in their account. */
export type ResourceRows = {
  readonly playback_key_pair: PlaybackKeyPairRow
  readonly playback_restriction_policy: PlaybackRestrictionPolicyRow
  readonly recording_configuration: RecordingConfigurationRow
  readonly ad_configuration: AdConfigurationRow
}

/** How resources of one type are kept. */
export type ResourceTable<Resource, Name extends keyof ResourceRows> = {
  readonly name: Name
  readonly resourceType: ResourceType
  readonly toRow: (resource: Resource) => ResourceRows[Name]
  readonly fromRow: (row: ResourceRows[Name]) => Resource
}

/** The resource of the account with this ARN. */
export async function getResource<Resource, Name extends keyof ResourceRows>(
  database: Kysely<Tables>,
  table: ResourceTable<Resource, Name>,
  accountId: string,
  arn: string,
): Promise<Resource | undefined> {
  const row = await database
    .selectFrom(anyOf(table))
    .selectAll()
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row && table.fromRow(row as ResourceRows[Name])
}

/** One page of the account's resources, oldest first. */
export async function listResources<Resource extends BornResource, Name extends keyof ResourceRows>(
  database: Kysely<Tables>,
  table: ResourceTable<Resource, Name>,
  accountId: string,
  page: PageRequest,
): Promise<Page<Resource>> {
  const query = database.selectFrom(anyOf(table)).selectAll().where('account_id', '=', accountId)
  const rows = await oldestFirst(query, page)
  return toPage(
    rows.map((row) => table.fromRow(row as ResourceRows[Name])),
    page,
  )
}

/** Adds a resource unless the account has `limit` of its type already. */
export async function createResource<Resource extends BornResource, Name extends keyof ResourceRows>(
  transaction: Transaction<Tables>,
  table: ResourceTable<Resource, Name>,
  resource: Resource,
  limit: number,
): Promise<'created' | 'over-limit'> {
  const counted = await countOneMore(transaction, resource.accountId, table.resourceType, limit)
  if (!counted) return 'over-limit'
  await transaction
    .insertInto(anyOf(table))
    .values(anyRow(table.toRow(resource)))
    .execute()
  return 'created'
}

/** Applies `change` to the stored resource; undefined when there is none. */
export async function updateResource<Resource extends BornResource, Name extends keyof ResourceRows>(
  transaction: Transaction<Tables>,
  table: ResourceTable<Resource, Name>,
  place: { readonly accountId: string; readonly arn: string },
  change: (resource: Resource) => Resource,
): Promise<Resource | undefined> {
  const stored = await getResource(transaction, table, place.accountId, place.arn)
  if (!stored) return undefined
  const changed = change(stored)
  await transaction
    .updateTable(anyOf(table))
    .set(anyRow(table.toRow(changed)))
    .where('arn', '=', place.arn)
    .execute()
  return changed
}

/** Removes a resource; false when there was none. */
export async function removeResource<Resource, Name extends keyof ResourceRows>(
  transaction: Transaction<Tables>,
  table: ResourceTable<Resource, Name>,
  accountId: string,
  arn: string,
): Promise<boolean> {
  const deleted = await transaction
    .deleteFrom(anyOf(table))
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (deleted.numDeletedRows === 0n) return false
  await countFewer(transaction, accountId, table.resourceType, 1)
  return true
}

/** Removes a resource unless a channel refers to it in `column`. */
export async function removeUnreferenced<Resource, Name extends keyof ResourceRows>(
  transaction: Transaction<Tables>,
  table: ResourceTable<Resource, Name>,
  column: keyof ChannelRow & `${string}_arn`,
  place: { readonly accountId: string; readonly arn: string },
): Promise<DeleteOutcome> {
  const { accountId, arn } = place
  const user = await transaction
    .selectFrom('channel')
    .select('arn')
    .where('account_id', '=', accountId)
    .where(column, '=', arn)
    // Without this the database would not use the index, which leaves out empty references.
    .where(column, '<>', '')
    .limit(1)
    .executeTakeFirst()
  if (user) return 'in-use'
  return (await removeResource(transaction, table, accountId, arn)) ? 'deleted' : 'missing'
}

// The queries above use only columns that all these tables have, so the types of one of them stand for all.
function anyOf(table: { readonly name: keyof ResourceRows }): 'ad_configuration' {
  return table.name as 'ad_configuration'
}

function anyRow(row: ResourceRows[keyof ResourceRows]): AdConfigurationRow {
  return row as AdConfigurationRow
}
