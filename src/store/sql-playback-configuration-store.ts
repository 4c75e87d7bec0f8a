/**
 * Playback configurations in SQL.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Tags } from '../domain/channel.ts'
import { accountHash } from '../domain/playback-endpoints.ts'
import type { PlaybackConfiguration } from '../domain/playback-configuration.ts'
import type { DeleteOutcome, Page, PageRequest, PlaybackConfigurationStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import { inOrderOf, oldestFirst } from './oldest-first.ts'
import { toPage } from './page-cursor.ts'
import { namesPlaybackConfiguration } from './playback-configuration-references.ts'
import { countFewer, countOneMore } from './resource-count.ts'
import type { PlaybackConfigurationRow, Tables } from './schema.ts'

const COUNTED = 'playback-configuration'

/** The playback configurations of `database`. */
export function sqlPlaybackConfigurationStore({ query, transaction }: Database): PlaybackConfigurationStore {
  return {
    put: (accountId, name, change, limit) =>
      transaction(accountId, async (open) => {
        const stored = await get(open, accountId, name)
        if (stored) return replace(open, change(stored))
        return (await add(open, change(undefined), limit)) ?? 'over-limit'
      }),
    get: (accountId, name) => get(query, accountId, name),
    getMany: (accountId, arns) => getMany(query, accountId, arns),
    findByAddress: (hash, name) => findByAddress(query, hash, name),
    list: (accountId, page) => list(query, accountId, page),
    update: (accountId, name, change) =>
      transaction(accountId, async (open) => {
        const stored = await get(open, accountId, name)
        return stored && replace(open, change(stored))
      }),
    delete: (accountId, name) => transaction(accountId, (open) => remove(open, accountId, name)),
  }
}

async function get(
  database: Kysely<Tables>,
  accountId: string,
  name: string,
): Promise<PlaybackConfiguration | undefined> {
  const row = await database
    .selectFrom('playback_configuration')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && fromRow(row)
}

async function getMany(
  database: Kysely<Tables>,
  accountId: string,
  arns: readonly string[],
): Promise<readonly PlaybackConfiguration[]> {
  if (arns.length === 0) return []
  const rows = await database
    .selectFrom('playback_configuration')
    .selectAll()
    .where('arn', 'in', arns)
    .where('account_id', '=', accountId)
    .execute()
  return inOrderOf(arns, rows.map(fromRow))
}

async function findByAddress(
  database: Kysely<Tables>,
  hash: string,
  name: string,
): Promise<PlaybackConfiguration | undefined> {
  const row = await database
    .selectFrom('playback_configuration')
    .selectAll()
    .where('account_hash', '=', hash)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && fromRow(row)
}

async function list(
  database: Kysely<Tables>,
  accountId: string,
  page: PageRequest,
): Promise<Page<PlaybackConfiguration>> {
  const query = database.selectFrom('playback_configuration').selectAll().where('account_id', '=', accountId)
  const rows = await oldestFirst(query, page)
  return toPage(rows.map(fromRow), page)
}

async function add(
  transaction: Transaction<Tables>,
  configuration: PlaybackConfiguration,
  limit: number,
): Promise<PlaybackConfiguration | undefined> {
  if (!(await countOneMore(transaction, configuration.accountId, COUNTED, limit))) return undefined
  await transaction.insertInto('playback_configuration').values(toRow(configuration)).execute()
  return configuration
}

async function replace(
  transaction: Transaction<Tables>,
  configuration: PlaybackConfiguration,
): Promise<PlaybackConfiguration> {
  const { document, tags } = toRow(configuration)
  await transaction
    .updateTable('playback_configuration')
    .set({ document, tags })
    .where('arn', '=', configuration.arn)
    .execute()
  return configuration
}

async function remove(
  transaction: Transaction<Tables>,
  accountId: string,
  name: string,
): Promise<DeleteOutcome> {
  const stored = await get(transaction, accountId, name)
  if (!stored) return 'missing'
  if (await namesPlaybackConfiguration(transaction, accountId, stored.arn)) return 'in-use'
  await transaction
    .deleteFrom('prefetch_schedule')
    .where('account_id', '=', accountId)
    .where('configuration_name', '=', name)
    .execute()
  await transaction.deleteFrom('playback_configuration').where('arn', '=', stored.arn).execute()
  await countFewer(transaction, accountId, COUNTED, 1)
  return 'deleted'
}

function toRow(configuration: PlaybackConfiguration): PlaybackConfigurationRow {
  return {
    arn: configuration.arn,
    account_id: configuration.accountId,
    account_hash: accountHash(configuration.accountId),
    name: configuration.name,
    document: JSON.stringify(configuration.document),
    tags: JSON.stringify(configuration.tags),
    created_at_ms: configuration.createdAtMs,
  }
}

function fromRow(row: PlaybackConfigurationRow): PlaybackConfiguration {
  return {
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    document: JSON.parse(row.document) as PlaybackConfiguration['document'],
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }
}
