/**
 * Events that wait for their receivers, in SQL.
 */
import type { Kysely } from 'kysely'
import type { EventOutbox, OutboxEvent } from '../domain/event-outbox.ts'
import type { Database } from './database.ts'
import { addToOutbox, newestSequence } from './event-outbox-rows.ts'
import { sqlEventTargets } from './sql-event-targets.ts'
import type { EventOutboxRow, Tables } from './schema.ts'

const ADDING = 'add events'
/** Nodes forget one after the other. */
const FORGETTING = 'forget events'

/** The outbox of `database`. */
export function sqlEventOutbox(database: Database, nowMs: () => number): EventOutbox {
  const { query, transaction } = database
  return {
    ...sqlEventTargets(database),
    add: (events) => transaction(ADDING, (open) => addToOutbox(open, events, nowMs())),
    newest: () => newestSequence(query),
    after: (sequence, limit) => after(query, sequence, limit),
    afterOfAccount: (accountId, sequence, limit) => after(query, sequence, limit, accountId),
    get: (sequences) => get(query, sequences),
    removeBefore: (cutoffMs, limit) =>
      transaction(FORGETTING, (open) => remove(open, 'written_at_ms', cutoffMs, limit)),
    removeUpTo: (sequence, limit) =>
      transaction(FORGETTING, (open) => remove(open, 'sequence', sequence + 1, limit)),
  }
}

async function after(
  database: Kysely<Tables>,
  sequence: number,
  limit: number,
  accountId?: string,
): Promise<readonly OutboxEvent[]> {
  let query = database.selectFrom('event_outbox').selectAll().where('sequence', '>', sequence)
  if (accountId !== undefined) query = query.where('account_id', '=', accountId)
  const rows = await query.orderBy('sequence').limit(limit).execute()
  return rows.map(fromRow)
}

async function get(database: Kysely<Tables>, sequences: readonly number[]): Promise<readonly OutboxEvent[]> {
  if (sequences.length === 0) return []
  const rows = await database
    .selectFrom('event_outbox')
    .selectAll()
    .where('sequence', 'in', sequences)
    .orderBy('sequence')
    .execute()
  return rows.map(fromRow)
}

async function remove(
  database: Kysely<Tables>,
  column: 'written_at_ms' | 'sequence',
  below: number,
  limit: number,
): Promise<number> {
  const deleted = await database
    .deleteFrom('event_outbox')
    .where('sequence', 'in', (old) =>
      old.selectFrom('event_outbox').select('sequence').where(column, '<', below).limit(limit),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

function fromRow(row: EventOutboxRow): OutboxEvent {
  return {
    sequence: row.sequence,
    id: row.event_id,
    accountId: row.account_id,
    lane: row.lane,
    writtenAtMs: row.written_at_ms,
    body: row.body,
  }
}
