/**
 * A PostgreSQL database for the stores, shared with other nodes.
 *
 * Transactions run at the default isolation, read committed. What makes their rules hold is the turn: a lock of
 * PostgreSQL's that is taken before the first read and given back by the commit.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { BatchStep, Database } from '../database.ts'
import type { Tables } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { BoundedPool } from './bounded-pool.ts'
import { TurnQueue } from './turn-queue.ts'

const MAX_REQUESTS = 1024
const MAX_ATTEMPTS = 5
const MAX_PAUSE_MS = 50

/**
 * Opens the database and makes sure that it answers.
 *
 * @throws {StoreError} `DATABASE_UNREACHABLE` or `DATABASE_REFUSED`; the message names the place and no secret.
 */
export async function openPostgres(databaseUrl: string): Promise<Database> {
  const pool = new BoundedPool(databaseUrl, MAX_REQUESTS)
  const query = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const turns = new TurnQueue(MAX_REQUESTS)
  try {
    await sql`select 1`.execute(query)
  } catch (error) {
    await pool.end()
    throw error
  }
  const transaction: Database['transaction'] = (turn, work) =>
    turns.take(turn, () =>
      repeatConflicts(() =>
        query.transaction().execute(async (open) => {
          await takeTurn(open, turn)
          return work(open)
        }),
      ),
    )
  return {
    query,
    transaction,
    batch: (turn, steps) => runBatch(transaction, turn, steps),
    // Connections come and go, but the database behind them is not ours to lose.
    lost: new Promise(() => undefined),
    // Not through Kysely: whoever still asks afterwards gets the store's own error, not Kysely's.
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function runBatch<Refusal>(
  transaction: Database['transaction'],
  turn: string,
  steps: readonly BatchStep<Refusal>[],
): Promise<'done' | Refusal> {
  try {
    return await transaction(turn, async (open) => {
      for (const { query, orElse } of steps) {
        const { rows, numAffectedRows = 0n } = await open.executeQuery(query.compile())
        if (orElse && rows.length === 0 && numAffectedRows === 0n) throw new Unmet(orElse)
      }
      return 'done' as const
    })
  } catch (error) {
    if (error instanceof Unmet) return (error as Unmet<Refusal>).orElse()
    throw error
  }
}

/** Takes a batch back whose step found or changed no row. */
class Unmet<Refusal> extends Error {
  override readonly name = 'Unmet'
  readonly orElse: () => Refusal

  constructor(orElse: () => Refusal) {
    super('a step found or changed no row')
    this.orElse = orElse
  }
}

async function takeTurn(transaction: Transaction<Tables>, turn: string): Promise<void> {
  const name = `headwater ${turn}`
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
}

async function repeatConflicts<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      const isConflict = error instanceof StoreError && error.code === 'TRANSACTION_CONFLICT'
      if (!isConflict || count === MAX_ATTEMPTS) throw error
      // Of different length for each, so that the same two do not meet again.
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}
