/**
 * Prefetch schedules in SQL.
 */
import type { Kysely, Transaction } from 'kysely'
import type { Tags } from '../domain/channel.ts'
import type { PrefetchSchedule, PrefetchScheduleType } from '../domain/prefetch-schedule.ts'
import type {
  Page,
  PageRequest,
  PrefetchScheduleFilter,
  PrefetchSchedulePlace,
  PrefetchScheduleStore,
} from '../domain/stores.ts'
import type { Database } from './database.ts'
import { oldestFirst } from './oldest-first.ts'
import { toPage } from './page-cursor.ts'
import type { PrefetchScheduleRow, Tables } from './schema.ts'

/** The prefetch schedules of `database`. */
export function sqlPrefetchScheduleStore({ query, transaction }: Database): PrefetchScheduleStore {
  return {
    create: (schedule, limit, nowMs) =>
      transaction(schedule.accountId, (open) => create(open, schedule, limit, nowMs)),
    get: (place) => get(query, place),
    list: (accountId, configurationName, filter, page) =>
      list(query, { accountId, configurationName }, filter, page),
    listActive: (nowMs, limit) => listActive(query, nowMs, limit),
    delete: (place) => remove(query, place),
    removeEndedBefore: (cutoffMs, limit) => removeEndedBefore(query, cutoffMs, limit),
  }
}

async function create(
  transaction: Transaction<Tables>,
  schedule: PrefetchSchedule,
  limit: number,
  nowMs: number,
): Promise<'created' | 'no-configuration' | 'duplicate' | 'over-limit'> {
  const { accountId, configurationName } = schedule
  const configuration = await transaction
    .selectFrom('playback_configuration')
    .select('arn')
    .where('account_id', '=', accountId)
    .where('name', '=', configurationName)
    .executeTakeFirst()
  if (!configuration) return 'no-configuration'
  if (await get(transaction, schedule)) return 'duplicate'
  const active = await transaction
    .selectFrom('prefetch_schedule')
    .select('ends_at_ms')
    .where('account_id', '=', accountId)
    .where('configuration_name', '=', configurationName)
    .where('ends_at_ms', '>', nowMs)
    .limit(limit)
    .execute()
  if (active.length >= limit) return 'over-limit'
  await transaction.insertInto('prefetch_schedule').values(toRow(schedule)).execute()
  return 'created'
}

async function get(
  database: Kysely<Tables>,
  { accountId, configurationName, name }: PrefetchSchedulePlace,
): Promise<PrefetchSchedule | undefined> {
  const row = await database
    .selectFrom('prefetch_schedule')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('configuration_name', '=', configurationName)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && fromRow(row)
}

async function list(
  database: Kysely<Tables>,
  { accountId, configurationName }: Omit<PrefetchSchedulePlace, 'name'>,
  { scheduleType, streamId, endedSinceMs }: PrefetchScheduleFilter,
  page: PageRequest,
): Promise<Page<PrefetchSchedule>> {
  let query = database
    .selectFrom('prefetch_schedule')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('configuration_name', '=', configurationName)
    .where('ends_at_ms', '>=', endedSinceMs)
  if (scheduleType !== undefined) query = query.where('schedule_type', '=', scheduleType)
  if (streamId !== undefined) query = query.where('stream_id', '=', streamId)
  const rows = await oldestFirst(query, page)
  return toPage(rows.map(fromRow), page)
}

async function listActive(
  database: Kysely<Tables>,
  nowMs: number,
  limit: number,
): Promise<readonly PrefetchSchedule[]> {
  const rows = await database
    .selectFrom('prefetch_schedule')
    .selectAll()
    .where('ends_at_ms', '>', nowMs)
    .orderBy('ends_at_ms')
    .orderBy('arn')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

async function remove(
  database: Kysely<Tables>,
  { accountId, configurationName, name }: PrefetchSchedulePlace,
): Promise<boolean> {
  const deleted = await database
    .deleteFrom('prefetch_schedule')
    .where('account_id', '=', accountId)
    .where('configuration_name', '=', configurationName)
    .where('name', '=', name)
    .executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

async function removeEndedBefore(database: Kysely<Tables>, cutoffMs: number, limit: number): Promise<number> {
  const ended = database
    .selectFrom('prefetch_schedule')
    .select('arn')
    .where('ends_at_ms', '<', cutoffMs)
    .orderBy('ends_at_ms')
    .orderBy('arn')
    .limit(limit)
  const deleted = await database.deleteFrom('prefetch_schedule').where('arn', 'in', ended).executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

function toRow(schedule: PrefetchSchedule): PrefetchScheduleRow {
  return {
    arn: schedule.arn,
    account_id: schedule.accountId,
    configuration_name: schedule.configurationName,
    name: schedule.name,
    schedule_type: schedule.scheduleType,
    stream_id: schedule.streamId,
    ends_at_ms: schedule.endsAtMs,
    document: JSON.stringify(schedule.document),
    tags: JSON.stringify(schedule.tags),
    created_at_ms: schedule.createdAtMs,
  }
}

function fromRow(row: PrefetchScheduleRow): PrefetchSchedule {
  return {
    arn: row.arn,
    accountId: row.account_id,
    configurationName: row.configuration_name,
    name: row.name,
    scheduleType: row.schedule_type as PrefetchScheduleType,
    streamId: row.stream_id,
    endsAtMs: row.ends_at_ms,
    document: JSON.parse(row.document) as PrefetchSchedule['document'],
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }
}
