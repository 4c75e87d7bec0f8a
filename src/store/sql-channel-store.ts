/**
 * Channels in SQL.
 */
import type { Kysely, SelectQueryBuilder, Transaction } from 'kysely'
import type { Channel, ChannelSummary, StreamKey } from '../domain/channel.ts'
import type { ChannelFilter, ChannelStore, Page, PageRequest } from '../domain/stores.ts'
import { referenceSteps, requireReferences } from './channel-references.ts'
import type { Database } from './database.ts'
import { inOrderOf, oldestFirst } from './oldest-first.ts'
import { toPage } from './page-cursor.ts'
import { countFewer, oneMore } from './resource-count.ts'
import {
  CHANNEL_SUMMARY_COLUMNS,
  fromChannelRow,
  fromChannelSummaryRow,
  toChannelRow,
  toStreamKeyRow,
} from './rows.ts'
import type { ChannelRow, Tables } from './schema.ts'

const FILTER_COLUMNS = {
  name: 'name',
  recordingConfigurationArn: 'recording_configuration_arn',
  playbackRestrictionPolicyArn: 'playback_restriction_policy_arn',
  adConfigurationArn: 'ad_configuration_arn',
} as const satisfies Record<keyof ChannelFilter, keyof ChannelRow>

/** The channels of `database`. */
export function sqlChannelStore(database: Database): ChannelStore {
  const { query, transaction } = database
  return {
    create: (channel, streamKey, limit) => create(database, channel, streamKey, limit),
    get: (accountId, arn) => get(query, accountId, arn),
    getMany: (accountId, arns) => getMany(query, accountId, arns),
    list: (accountId, filter, page) => list(query, accountId, filter, page),
    update: (accountId, arn, change) =>
      transaction(accountId, (open) => update(open, accountId, arn, change)),
    delete: (accountId, arn) => transaction(accountId, (open) => remove(open, accountId, arn)),
  }
}

async function create(
  { query, batch }: Database,
  channel: Channel,
  streamKey: StreamKey,
  limit: number,
): Promise<'created' | 'over-limit'> {
  if (limit < 1) return 'over-limit'
  const outcome = await batch(channel.accountId, [
    { query: oneMore(query, channel.accountId, 'channel', limit), orElse: () => 'over-limit' as const },
    ...referenceSteps(query, channel),
    { query: query.insertInto('channel').values(toChannelRow(channel)) },
    { query: query.insertInto('stream_key').values(toStreamKeyRow(streamKey)) },
  ])
  return outcome === 'done' ? 'created' : outcome
}

async function get(database: Kysely<Tables>, accountId: string, arn: string): Promise<Channel | undefined> {
  const row = await database
    .selectFrom('channel')
    .selectAll()
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row && fromChannelRow(row)
}

async function getMany(
  database: Kysely<Tables>,
  accountId: string,
  arns: readonly string[],
): Promise<readonly Channel[]> {
  if (arns.length === 0) return []
  const rows = await database
    .selectFrom('channel')
    .selectAll()
    .where('arn', 'in', arns)
    .where('account_id', '=', accountId)
    .execute()
  return inOrderOf(arns, rows.map(fromChannelRow))
}

async function list(
  database: Kysely<Tables>,
  accountId: string,
  filter: ChannelFilter,
  page: PageRequest,
): Promise<Page<ChannelSummary>> {
  const all = database
    .selectFrom('channel')
    .select(CHANNEL_SUMMARY_COLUMNS)
    .where('account_id', '=', accountId)
  const rows = await oldestFirst(withFilter(all, filter), page)
  return toPage(rows.map(fromChannelSummaryRow), page)
}

function withFilter<Selected>(
  query: SelectQueryBuilder<Tables, 'channel', Selected>,
  filter: ChannelFilter,
): SelectQueryBuilder<Tables, 'channel', Selected> {
  let filtered = query
  for (const [member, column] of Object.entries(FILTER_COLUMNS)) {
    const wanted = filter[member as keyof ChannelFilter]
    if (wanted === undefined) continue
    filtered = filtered.where(column, '=', wanted)
    // The index of a reference leaves out empty ones; the database uses it only when the query does too.
    if (column !== 'name' && wanted !== '') filtered = filtered.where(column, '<>', '')
  }
  return filtered
}

async function update(
  transaction: Transaction<Tables>,
  accountId: string,
  arn: string,
  change: (channel: Channel) => Channel,
): Promise<Channel | undefined> {
  const stored = await get(transaction, accountId, arn)
  if (!stored) return undefined
  const changed = change(stored)
  await requireReferences(transaction, changed, stored)
  await transaction.updateTable('channel').set(toChannelRow(changed)).where('arn', '=', arn).execute()
  return changed
}

async function remove(transaction: Transaction<Tables>, accountId: string, arn: string): Promise<boolean> {
  const deleted = await transaction
    .deleteFrom('channel')
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  if (deleted.numDeletedRows === 0n) return false
  await countFewer(transaction, accountId, 'channel', 1)
  return true
}
