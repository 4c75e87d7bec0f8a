/**
 * Writes what happened to stream sessions: their records, their events, and the outbox that tells others of them.
 *
 * However many entries come at once, they take few statements: those of one kind go together.
 */
import type { Transaction, Updateable } from 'kysely'
import type { Channel } from '../domain/channel.ts'
import { streamEventEnvelope } from '../domain/event-envelope.ts'
import type { NewOutboxEvent } from '../domain/event-outbox.ts'
import type { WrittenEntry } from '../domain/stores.ts'
import { isErrorEvent, MAX_STREAM_EVENTS } from '../domain/stream-session.ts'
import type { StreamEvent } from '../domain/stream-session.ts'
import { addToOutbox } from './event-outbox-rows.ts'
import type { StreamSessionRow, Tables } from './schema.ts'
import { toStreamEventRow, toStreamSessionRow } from './stream-session-rows.ts'

type SessionChanges = Updateable<StreamSessionRow>
type ToldEvent = { readonly streamId: string; readonly event: StreamEvent }

const MAX_ROWS_PER_STATEMENT = 50

/** Writes `entries`, in order; what was written before changes nothing. */
export async function writeEntries(
  transaction: Transaction<Tables>,
  entries: readonly WrittenEntry[],
  nowMs: number,
): Promise<void> {
  const opened = entries.filter((entry) => entry.kind === 'opened')
  for (const some of slices(opened)) {
    await transaction
      .insertInto('stream_session')
      .values(some.map(toStreamSessionRow))
      .onConflict((conflict) => conflict.column('stream_id').doNothing())
      .execute()
  }
  await updateSessions(transaction, entries)
  const told = entries.flatMap(({ streamId, events }) => events.map((event) => ({ streamId, event })))
  if (told.length === 0) return
  await insertEvents(transaction, told)
  await countEvents(transaction, told)
  await addToOutbox(transaction, await outgoing(transaction, told), nowMs)
}

async function updateSessions(
  transaction: Transaction<Tables>,
  entries: readonly WrittenEntry[],
): Promise<void> {
  const changes = new Map<string, SessionChanges>()
  for (const entry of entries) {
    changes.set(entry.streamId, { ...changes.get(entry.streamId), ...changesOf(entry) })
  }
  const updates = [...changes].filter(([, change]) => Object.keys(change).length > 0)
  await Promise.all(
    updates.map(([streamId, change]) =>
      transaction.updateTable('stream_session').set(change).where('stream_id', '=', streamId).execute(),
    ),
  )
}

function changesOf(entry: WrittenEntry): SessionChanges {
  if (entry.kind === 'opened') return {}
  const { startTimeMs, endTimeMs, ingest } = entry
  return {
    ...(startTimeMs !== undefined && { started_at_ms: startTimeMs }),
    ...(endTimeMs !== undefined && { ended_at_ms: endTimeMs }),
    ...(ingest && { ingest: JSON.stringify(ingest) }),
  }
}

/** What a session's record says of its events. Most entries change nothing else, and this is one statement for many. */
async function countEvents(transaction: Transaction<Tables>, told: readonly ToldEvent[]): Promise<void> {
  const failed = new Set(told.filter(({ event }) => isErrorEvent(event)).map(({ streamId }) => streamId))
  const others = new Set(told.map(({ streamId }) => streamId).filter((streamId) => !failed.has(streamId)))
  for (const [streamIds, change] of [
    [failed, { has_error_event: 1 }],
    [others, {}],
  ] as const) {
    for (const some of slices([...streamIds])) {
      await transaction
        .updateTable('stream_session')
        .set((row) => ({
          ...change,
          last_event_number: row
            .selectFrom('stream_event')
            .select((event) => event.fn.max('number').as('number'))
            .whereRef('stream_event.stream_id', '=', 'stream_session.stream_id'),
        }))
        .where('stream_id', 'in', some)
        .execute()
    }
  }
}

async function insertEvents(transaction: Transaction<Tables>, told: readonly ToldEvent[]): Promise<void> {
  for (const some of slices(told)) {
    await transaction
      .insertInto('stream_event')
      .values(some.map(({ streamId, event }) => toStreamEventRow(streamId, event)))
      .onConflict((conflict) => conflict.columns(['stream_id', 'number']).doNothing())
      .execute()
  }
  const newest = new Map(told.map(({ streamId, event }) => [streamId, event.number]))
  for (const [streamId, number] of newest) {
    if (number <= MAX_STREAM_EVENTS) continue
    await transaction
      .deleteFrom('stream_event')
      .where('stream_id', '=', streamId)
      .where('number', '<=', number - MAX_STREAM_EVENTS)
      .execute()
  }
}

async function outgoing(
  transaction: Transaction<Tables>,
  told: readonly ToldEvent[],
): Promise<readonly NewOutboxEvent[]> {
  const channels = new Map<string, Channel>()
  for (const some of slices([...new Set(told.map(({ streamId }) => streamId))])) {
    const rows = await transaction
      .selectFrom('stream_session')
      .select(['stream_id', 'channel'])
      .where('stream_id', 'in', some)
      .execute()
    for (const row of rows) channels.set(row.stream_id, JSON.parse(row.channel) as Channel)
  }
  return told.flatMap(({ streamId, event }) => {
    const channel = channels.get(streamId)
    if (!channel) return []
    const envelope = streamEventEnvelope(streamId, event, channel)
    const { accountId, arn: lane } = channel
    return [{ id: envelope.id, accountId, lane, body: JSON.stringify(envelope) }]
  })
}

function* slices<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += MAX_ROWS_PER_STATEMENT) {
    yield items.slice(from, from + MAX_ROWS_PER_STATEMENT)
  }
}
