/**
 * How far each target of events has come, in SQL.
 */
import type { Kysely, Transaction } from 'kysely'
import type {
  DeadLetter,
  EventOutbox,
  ParkedEvent,
  TargetProgress,
  TargetState,
} from '../domain/event-outbox.ts'
import type { Database } from './database.ts'
import { newestSequence } from './event-outbox-rows.ts'
import type { EventParkedRow, Tables } from './schema.ts'

/** The part of the outbox that is about targets. */
export type EventTargets = Pick<EventOutbox, 'register' | 'lease' | 'release' | 'state' | 'save' | 'trimDead'>

const MAX_ROWS_PER_STATEMENT = 100

/** The targets of `database`. */
export function sqlEventTargets({ query, transaction }: Database): EventTargets {
  const turn = (target: string): string => `event target ${target}`
  return {
    register: (target) => transaction(turn(target), (open) => register(open, target)),
    lease: (target, nodeId, nowMs, untilMs) =>
      transaction(turn(target), (open) => lease(open, { target, nodeId, nowMs, untilMs })),
    release: (target, nodeId) => transaction(turn(target), (open) => release(open, target, nodeId)),
    state: (target) => state(query, target),
    save: (progress) => transaction(turn(progress.target), (open) => save(open, progress)),
    trimDead: (keep) => transaction('event dead letters', (open) => trimDead(open, keep)),
  }
}

async function register(transaction: Transaction<Tables>, target: string): Promise<void> {
  await transaction
    .insertInto('event_target')
    .values({
      name: target,
      cursor: await newestSequence(transaction),
      node_id: '',
      leased_until_ms: 0,
      dead_letters: 0,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

async function lease(
  transaction: Transaction<Tables>,
  wish: {
    readonly target: string
    readonly nodeId: string
    readonly nowMs: number
    readonly untilMs: number
  },
): Promise<boolean> {
  const updated = await transaction
    .updateTable('event_target')
    .set({ node_id: wish.nodeId, leased_until_ms: wish.untilMs })
    .where('name', '=', wish.target)
    .where((row) => row.or([row('node_id', '=', wish.nodeId), row('leased_until_ms', '<=', wish.nowMs)]))
    .executeTakeFirst()
  return updated.numUpdatedRows > 0n
}

async function release(transaction: Transaction<Tables>, target: string, nodeId: string): Promise<void> {
  await transaction
    .updateTable('event_target')
    .set({ leased_until_ms: 0 })
    .where('name', '=', target)
    .where('node_id', '=', nodeId)
    .execute()
}

async function state(database: Kysely<Tables>, target: string): Promise<TargetState> {
  const row = await database
    .selectFrom('event_target')
    .select(['cursor', 'dead_letters'])
    .where('name', '=', target)
    .executeTakeFirstOrThrow()
  const parked = await database
    .selectFrom('event_parked')
    .selectAll()
    .where('target', '=', target)
    .orderBy('sequence')
    .execute()
  return { cursor: row.cursor, deadLetters: row.dead_letters, parked: parked.map(fromParkedRow) }
}

async function save(transaction: Transaction<Tables>, progress: TargetProgress): Promise<boolean> {
  const { target, nodeId, cursor, dead } = progress
  const updated = await transaction
    .updateTable('event_target')
    .set((row) => ({ cursor, dead_letters: row('dead_letters', '+', dead.length) }))
    .where('name', '=', target)
    .where('node_id', '=', nodeId)
    .executeTakeFirst()
  if (updated.numUpdatedRows === 0n) return false
  await park(transaction, target, progress.parked)
  await unpark(transaction, target, [...progress.delivered, ...dead.map(({ sequence }) => sequence)])
  await bury(transaction, progress)
  return true
}

async function park(
  transaction: Transaction<Tables>,
  target: string,
  parked: readonly ParkedEvent[],
): Promise<void> {
  for (let from = 0; from < parked.length; from += MAX_ROWS_PER_STATEMENT) {
    const rows = parked.slice(from, from + MAX_ROWS_PER_STATEMENT).map((event) => toParkedRow(target, event))
    await transaction
      .insertInto('event_parked')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['target', 'sequence']).doUpdateSet((row) => ({
          attempts: row.ref('excluded.attempts'),
          retry_at_ms: row.ref('excluded.retry_at_ms'),
        })),
      )
      .execute()
  }
}

async function unpark(
  transaction: Transaction<Tables>,
  target: string,
  sequences: readonly number[],
): Promise<void> {
  for (let from = 0; from < sequences.length; from += MAX_ROWS_PER_STATEMENT) {
    await transaction
      .deleteFrom('event_parked')
      .where('target', '=', target)
      .where('sequence', 'in', sequences.slice(from, from + MAX_ROWS_PER_STATEMENT))
      .execute()
  }
}

async function bury(
  transaction: Transaction<Tables>,
  { target, dead, nowMs }: TargetProgress,
): Promise<void> {
  for (let from = 0; from < dead.length; from += MAX_ROWS_PER_STATEMENT) {
    const letters = new Map<number, DeadLetter>(
      dead.slice(from, from + MAX_ROWS_PER_STATEMENT).map((letter) => [letter.sequence, letter]),
    )
    const events = await transaction
      .selectFrom('event_outbox')
      .select(['sequence', 'event_id', 'account_id', 'body'])
      .where('sequence', 'in', [...letters.keys()])
      .execute()
    const rows = events.map((event) => ({
      ...event,
      target,
      attempts: letters.get(event.sequence)?.attempts ?? 0,
      reason: letters.get(event.sequence)?.reason ?? '',
      died_at_ms: nowMs,
    }))
    if (rows.length === 0) continue
    await transaction
      .insertInto('event_dead_letter')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['sequence', 'target']).doNothing())
      .execute()
  }
}

async function trimDead(transaction: Transaction<Tables>, keep: number): Promise<void> {
  const newestSurplus = await transaction
    .selectFrom('event_dead_letter')
    .select('sequence')
    // Always so; it shows SQLite that it need not read the whole index.
    .where('sequence', '>', 0)
    .orderBy('sequence', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst()
  if (!newestSurplus) return
  await transaction.deleteFrom('event_dead_letter').where('sequence', '<=', newestSurplus.sequence).execute()
}

function toParkedRow(target: string, event: ParkedEvent): EventParkedRow {
  const { sequence, lane, attempts, retryAtMs } = event
  return { target, sequence, lane, attempts, retry_at_ms: retryAtMs }
}

function fromParkedRow(row: EventParkedRow): ParkedEvent {
  return { sequence: row.sequence, lane: row.lane, attempts: row.attempts, retryAtMs: row.retry_at_ms }
}
