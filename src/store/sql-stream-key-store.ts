/**
 * Stream keys in SQL.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Channel, StreamKey } from '../domain/channel.ts'
import type { Page, PageRequest, StreamKeyStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import { inOrderOf, oldestFirst } from './oldest-first.ts'
import { toPage } from './page-cursor.ts'
import { fromChannelRow, fromStreamKeyRow, toStreamKeyRow } from './rows.ts'
import type { Tables } from './schema.ts'

/** The stream keys of `database`. */
export function sqlStreamKeyStore({ query, transaction }: Database): StreamKeyStore {
  return {
    create: (streamKey, limit) => transaction(streamKey.accountId, (open) => create(open, streamKey, limit)),
    get: (accountId, arn) => get(query, accountId, arn),
    getMany: (accountId, arns) => getMany(query, accountId, arns),
    listByChannel: (accountId, channelArn, page) => listByChannel(query, accountId, channelArn, page),
    delete: (accountId, arn) => transaction(accountId, (open) => remove(open, accountId, arn)),
    findChannelByValue: (value) => findChannelByValue(query, value),
  }
}

async function create(
  transaction: Transaction<Tables>,
  streamKey: StreamKey,
  limit: number,
): Promise<'created' | 'no-channel' | 'over-limit'> {
  const channel = await transaction
    .selectFrom('channel')
    .select('arn')
    .where('arn', '=', streamKey.channelArn)
    .where('account_id', '=', streamKey.accountId)
    .executeTakeFirst()
  if (!channel) return 'no-channel'
  const { count } = await transaction
    .selectFrom('stream_key')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('channel_arn', '=', streamKey.channelArn)
    .executeTakeFirstOrThrow()
  if (count >= limit) return 'over-limit'
  await transaction.insertInto('stream_key').values(toStreamKeyRow(streamKey)).execute()
  return 'created'
}

async function get(database: Kysely<Tables>, accountId: string, arn: string): Promise<StreamKey | undefined> {
  const row = await database
    .selectFrom('stream_key')
    .selectAll()
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row && fromStreamKeyRow(row)
}

async function getMany(
  database: Kysely<Tables>,
  accountId: string,
  arns: readonly string[],
): Promise<readonly StreamKey[]> {
  if (arns.length === 0) return []
  const rows = await database
    .selectFrom('stream_key')
    .selectAll()
    .where('arn', 'in', arns)
    .where('account_id', '=', accountId)
    .execute()
  return inOrderOf(arns, rows.map(fromStreamKeyRow))
}

async function listByChannel(
  database: Kysely<Tables>,
  accountId: string,
  channelArn: string,
  page: PageRequest,
): Promise<Page<StreamKey>> {
  const query = database
    .selectFrom('stream_key')
    .selectAll()
    .where('channel_arn', '=', channelArn)
    .where('account_id', '=', accountId)
  const rows = await oldestFirst(query, page)
  return toPage(rows.map(fromStreamKeyRow), page)
}

async function remove(database: Kysely<Tables>, accountId: string, arn: string): Promise<boolean> {
  const deleted = await database
    .deleteFrom('stream_key')
    .where('arn', '=', arn)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

async function findChannelByValue(database: Kysely<Tables>, value: string): Promise<Channel | undefined> {
  const row = await database
    .selectFrom('stream_key')
    .innerJoin('channel', 'channel.arn', 'stream_key.channel_arn')
    .selectAll('channel')
    .where('stream_key.value', '=', value)
    .executeTakeFirst()
  return row && fromChannelRow(row)
}
