/**
 * Puts events into the outbox, inside whatever transaction their cause is written in, and counts them.
 */
import type { Kysely, Transaction } from 'kysely'
import type { NewOutboxEvent } from '../domain/event-outbox.ts'
import type { EventOutboxRow, Tables } from './schema.ts'

/** Name of the row that counts them. */
const OUTBOX_HEAD = 'outbox'

const MAX_ROWS_PER_STATEMENT = 50

/**
 * Adds `events` behind all that are there; one whose id is there already changes nothing.
 *
 * The count is taken first and kept until the commit, so that numbers become visible in their order: whoever reads on
 * from a number never misses one that is committed later.
 */
export async function addToOutbox(
  transaction: Transaction<Tables>,
  events: readonly NewOutboxEvent[],
  writtenAtMs: number,
): Promise<void> {
  if (events.length === 0) return
  const { sequence: last } = await transaction
    .updateTable('event_head')
    .set((row) => ({ sequence: row('sequence', '+', events.length) }))
    .where('name', '=', OUTBOX_HEAD)
    .returning('sequence')
    .executeTakeFirstOrThrow()
  const first = last - events.length + 1
  const rows = events.map((event, index) => toRow(event, first + index, writtenAtMs))
  for (let from = 0; from < rows.length; from += MAX_ROWS_PER_STATEMENT) {
    await transaction
      .insertInto('event_outbox')
      .values(rows.slice(from, from + MAX_ROWS_PER_STATEMENT))
      .onConflict((conflict) => conflict.column('event_id').doNothing())
      .execute()
  }
}

/** The place of the newest event; 0 before the first. */
export async function newestSequence(database: Kysely<Tables>): Promise<number> {
  const row = await database
    .selectFrom('event_head')
    .select('sequence')
    .where('name', '=', OUTBOX_HEAD)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

function toRow(event: NewOutboxEvent, sequence: number, writtenAtMs: number): EventOutboxRow {
  const { id, accountId, lane, body } = event
  return { sequence, event_id: id, account_id: accountId, lane, written_at_ms: writtenAtMs, body }
}
