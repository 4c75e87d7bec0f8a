/**
 * Stream sessions and their events in SQL.
 */
import type { Kysely } from 'kysely'
import type { OpenSessionFilter, Page, PageRequest, StreamSessionStore } from '../domain/stores.ts'
import { MAX_STREAM_EVENTS } from '../domain/stream-session.ts'
import type {
  OpenStreamSession,
  StreamEvent,
  StreamSession,
  StreamSessionSummary,
} from '../domain/stream-session.ts'
import type { Database } from './database.ts'
import { readCursor, toPage } from './page-cursor.ts'
import type { Tables } from './schema.ts'
import {
  fromStreamEventRow,
  fromStreamSessionRow,
  fromSummaryRow,
  SUMMARY_COLUMNS,
} from './stream-session-rows.ts'
import { writeEntries } from './stream-session-writing.ts'

/** Nodes forget one after the other. */
const FORGETTING = 'forget stream sessions'

/** The stream sessions of `database`. */
export function sqlStreamSessionStore(
  { query, transaction }: Database,
  nowMs: () => number,
): StreamSessionStore {
  return {
    write: (entries) =>
      transaction(entries[0]?.streamId ?? '', (open) => writeEntries(open, entries, nowMs())),
    get: (accountId, channelArn, streamId) => get(query, accountId, channelArn, streamId),
    events: (streamId) => events(query, streamId),
    list: (accountId, channelArn, page) => list(query, accountId, channelArn, page),
    listOpen: (filter, limit) => listOpen(query, filter, limit),
    markAlive: (nodeId, nowMs) => transaction(`${nodeId} alive`, (open) => markAlive(open, nodeId, nowMs)),
    removeEndedBefore: (cutoffMs, limit) =>
      transaction(FORGETTING, (open) => removeEndedBefore(open, cutoffMs, limit)),
  }
}

async function get(
  database: Kysely<Tables>,
  accountId: string,
  channelArn: string,
  streamId: string | undefined,
): Promise<StreamSession | undefined> {
  let query = database
    .selectFrom('stream_session')
    .selectAll()
    .where('channel_arn', '=', channelArn)
    .where('account_id', '=', accountId)
  if (streamId !== undefined) query = query.where('stream_id', '=', streamId)
  const row = await query
    .orderBy('created_at_ms', 'desc')
    .orderBy('stream_id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && fromStreamSessionRow(row)
}

async function events(database: Kysely<Tables>, streamId: string): Promise<readonly StreamEvent[]> {
  const rows = await database
    .selectFrom('stream_event')
    .selectAll()
    .where('stream_id', '=', streamId)
    .orderBy('number', 'desc')
    .limit(MAX_STREAM_EVENTS)
    .execute()
  return rows.map(fromStreamEventRow)
}

async function list(
  database: Kysely<Tables>,
  accountId: string,
  channelArn: string,
  page: PageRequest,
): Promise<Page<StreamSessionSummary>> {
  const after = readCursor(page)
  let query = database
    .selectFrom('stream_session')
    .select(SUMMARY_COLUMNS)
    .where('channel_arn', '=', channelArn)
    .where('account_id', '=', accountId)
  if (after) {
    // Newest first: sessions that begin meanwhile come before every page that is still to be read.
    query = query.where((row) =>
      row(row.refTuple('created_at_ms', 'stream_id'), '<', row.tuple(after.createdAtMs, after.arn)),
    )
  }
  const rows = await query
    .orderBy('created_at_ms', 'desc')
    .orderBy('stream_id', 'desc')
    .limit(page.limit + 1)
    .execute()
  const { items, next } = toPage(
    rows.map((row) => ({ arn: row.stream_id, createdAtMs: row.created_at_ms, row })),
    page,
  )
  return { items: items.map(({ row }) => fromSummaryRow(row)), next }
}

async function listOpen(
  database: Kysely<Tables>,
  filter: OpenSessionFilter,
  limit: number,
): Promise<readonly OpenStreamSession[]> {
  const open = database
    .selectFrom('stream_session')
    .select(['stream_id', 'started_at_ms', 'alive_at_ms', 'last_event_number'])
    .where('ended_at_ms', 'is', null)
    .limit(limit)
  const wanted =
    'nodeId' in filter
      ? open.where('node_id', '=', filter.nodeId)
      : open.where('node_id', '<>', filter.otherThanNodeId).where('alive_at_ms', '<', filter.silentSinceMs)
  const rows = await wanted.execute()
  return rows.map((row) => ({
    streamId: row.stream_id,
    startTimeMs: row.started_at_ms ?? undefined,
    lastSeenMs: row.alive_at_ms,
    lastEventNumber: row.last_event_number,
  }))
}

async function markAlive(database: Kysely<Tables>, nodeId: string, nowMs: number): Promise<void> {
  await database
    .updateTable('stream_session')
    .set({ alive_at_ms: nowMs })
    .where('ended_at_ms', 'is', null)
    .where('node_id', '=', nodeId)
    .execute()
}

async function removeEndedBefore(database: Kysely<Tables>, cutoffMs: number, limit: number): Promise<number> {
  const deleted = await database
    .deleteFrom('stream_session')
    .where('stream_id', 'in', (old) =>
      old.selectFrom('stream_session').select('stream_id').where('ended_at_ms', '<', cutoffMs).limit(limit),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
