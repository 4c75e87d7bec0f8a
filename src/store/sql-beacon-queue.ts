/**
 * Beacons that are to be sent or were, in SQL. Each write is one statement for many beacons.
 */
import type { Kysely, Transaction } from 'kysely'
import type { BeaconQueue, QueuedBeacon, TakenBeacons } from '../domain/beacon-queue.ts'
import type { Database } from './database.ts'
import type { BeaconRow, Tables } from './schema.ts'

/** Nodes do these one after the other. */
const TAKING_OVER = 'take over beacons'
const FORGETTING = 'forget beacons'

const WAITING = 0
const ON_ITS_WAY = 1
const SETTLED = 2

/** The beacons of `database`. */
export function sqlBeaconQueue({ query, transaction }: Database): BeaconQueue {
  return {
    add: (nodeId, beacons) => add(query, nodeId, beacons),
    mark: (nodeId, keys) => mark(query, nodeId, keys),
    putBack: (nodeId, keys, retryAtMs) => putBack(query, nodeId, keys, retryAtMs),
    settle: (nodeId, keys) => settle(query, nodeId, keys),
    waiting: async (nodeId, lane, place, limit) => {
      const rows = await waitingOf(query, nodeId)
        .selectAll()
        .where('lane', '=', lane)
        .where('place', '>', place)
        .orderBy('place')
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    waitingLanes: async (nodeId) => {
      const rows = await waitingOf(query, nodeId)
        .select(({ fn }) => ['lane', fn.countAll<number | string>().as('count')])
        .groupBy('lane')
        .execute()
      return rows.map(({ lane, count }) => ({ lane, count: Number(count) }))
    },
    settleUncertain: (nodeId) => settleUncertain(query, nodeId),
    markAlive: async (nodeId, nowMs) => {
      await query
        .insertInto('beacon_node')
        .values({ node_id: nodeId, alive_at_ms: nowMs })
        .onConflict((conflict) => conflict.column('node_id').doUpdateSet({ alive_at_ms: nowMs }))
        .execute()
    },
    takeOver: (nodeId, silentSinceMs, limit) =>
      transaction(TAKING_OVER, (open) => takeOver(open, { nodeId, silentSinceMs, limit })),
    settledCutoffMs: async (keep) => {
      const row = await query
        .selectFrom('beacon')
        .select('due_at_ms')
        .where('state', '=', SETTLED)
        .orderBy('due_at_ms', 'desc')
        .offset(keep - 1)
        .limit(1)
        .executeTakeFirst()
      return row?.due_at_ms ?? 0
    },
    removeSettledBefore: (cutoffMs, limit) =>
      transaction(FORGETTING, async (open) => {
        const deleted = await open
          .deleteFrom('beacon')
          .where('key', 'in', (old) =>
            old
              .selectFrom('beacon')
              .select('key')
              .where('state', '=', SETTLED)
              .where('due_at_ms', '<', cutoffMs)
              .limit(limit),
          )
          .executeTakeFirst()
        return Number(deleted.numDeletedRows)
      }),
  }
}

function waitingOf(database: Kysely<Tables>, nodeId: string) {
  return database.selectFrom('beacon').where('node_id', '=', nodeId).where('state', '=', WAITING)
}

async function add(
  database: Kysely<Tables>,
  nodeId: string,
  beacons: readonly QueuedBeacon[],
): Promise<ReadonlySet<string>> {
  if (beacons.length === 0) return new Set()
  const rows = await database
    .insertInto('beacon')
    .values(beacons.map((beacon) => toRow(nodeId, beacon)))
    .onConflict((conflict) =>
      conflict
        .column('key')
        // Whoever asks again, because the first answer got lost, is told the same.
        .doUpdateSet((row) => ({ place: row.ref('excluded.place') }))
        .whereRef('beacon.place', '=', 'excluded.place')
        .whereRef('beacon.node_id', '=', 'excluded.node_id')
        .where('beacon.state', '=', WAITING),
    )
    .returning('key')
    .execute()
  return new Set(rows.map(({ key }) => key))
}

async function mark(
  database: Kysely<Tables>,
  nodeId: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set()
  const rows = await database
    .updateTable('beacon')
    .set({ state: ON_ITS_WAY })
    .where('key', 'in', keys)
    .where('node_id', '=', nodeId)
    .where('state', '<>', SETTLED)
    .returning('key')
    .execute()
  return new Set(rows.map(({ key }) => key))
}

async function putBack(
  database: Kysely<Tables>,
  nodeId: string,
  keys: readonly string[],
  retryAtMs: number,
): Promise<void> {
  if (keys.length === 0) return
  await database
    .updateTable('beacon')
    .set({ state: WAITING, retry_at_ms: retryAtMs })
    .where('key', 'in', keys)
    .where('node_id', '=', nodeId)
    .where('state', '=', ON_ITS_WAY)
    .execute()
}

async function settle(database: Kysely<Tables>, nodeId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  // Who watched from where is not kept longer than needed.
  await database
    .updateTable('beacon')
    .set({ state: SETTLED, body: '' })
    .where('key', 'in', keys)
    .where('node_id', '=', nodeId)
    .execute()
}

async function settleUncertain(database: Kysely<Tables>, nodeId: string): Promise<number> {
  const updated = await database
    .updateTable('beacon')
    .set({ state: SETTLED, body: '' })
    .where('node_id', '=', nodeId)
    .where('state', '=', ON_ITS_WAY)
    .executeTakeFirst()
  return Number(updated.numUpdatedRows)
}

async function takeOver(
  transaction: Transaction<Tables>,
  wish: { readonly nodeId: string; readonly silentSinceMs: number; readonly limit: number },
): Promise<TakenBeacons> {
  const silent = await transaction
    .selectFrom('beacon_node')
    .select('node_id')
    .where('alive_at_ms', '<', wish.silentSinceMs)
    .where('node_id', '<>', wish.nodeId)
    .orderBy('alive_at_ms')
    .limit(1)
    .executeTakeFirst()
  if (!silent) return { taken: 0, uncertain: 0, hasMore: false }
  const uncertain = await settleUncertain(transaction, silent.node_id)
  const updated = await transaction
    .updateTable('beacon')
    .set({ node_id: wish.nodeId })
    .where('key', 'in', waitingOf(transaction, silent.node_id).select('key').limit(wish.limit))
    .executeTakeFirst()
  const taken = Number(updated.numUpdatedRows)
  if (taken < wish.limit) {
    await transaction.deleteFrom('beacon_node').where('node_id', '=', silent.node_id).execute()
  }
  return { taken, uncertain, hasMore: true }
}

function toRow(nodeId: string, beacon: QueuedBeacon): BeaconRow {
  return {
    key: beacon.key,
    node_id: nodeId,
    state: WAITING,
    lane: beacon.lane,
    place: beacon.place,
    due_at_ms: beacon.dueAtMs,
    retry_at_ms: beacon.retryAtMs,
    body: beacon.body,
  }
}

function fromRow(row: BeaconRow): QueuedBeacon {
  return {
    key: row.key,
    lane: row.lane,
    place: row.place,
    dueAtMs: row.due_at_ms,
    retryAtMs: row.retry_at_ms,
    body: row.body,
  }
}
