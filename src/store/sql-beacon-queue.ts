/**
 * Beacons that wait for their targets, and the memory of what was due, in SQL. Each write is one statement for many beacons.
 */
import type { Kysely, Transaction } from 'kysely'
import type { BeaconQueue, QueuedBeacon, RememberedChain, TakenBeacons } from '../domain/beacon-queue.ts'
import type { Database } from './database.ts'
import type { BeaconRow, Tables } from './schema.ts'

/** Nodes do these one after the other. */
const TAKING_OVER = 'take over beacons'
const FORGETTING = 'forget beacons'

const WAITING = 0
const ON_ITS_WAY = 1
const NO_EVENTS = '[]'

/** The beacons of `database`. */
export function sqlBeaconQueue({ query, transaction }: Database): BeaconQueue {
  return {
    claim: (chains, nowMs) => claim(query, chains, nowMs),
    remember: (chains, nowMs) => remember(query, chains, nowMs),
    add: (nodeId, beacons) => add(query, nodeId, beacons),
    mark: (nodeId, keys) => mark(query, nodeId, keys),
    putBack: (nodeId, keys, retryAtMs) => putBack(query, nodeId, keys, retryAtMs),
    remove: (nodeId, keys) => remove(query, nodeId, keys),
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
    removeUncertain: (nodeId) => removeUncertain(query, nodeId),
    markAlive: async (nodeId, nowMs) => {
      await query
        .insertInto('beacon_node')
        .values({ node_id: nodeId, alive_at_ms: nowMs })
        .onConflict((conflict) => conflict.column('node_id').doUpdateSet({ alive_at_ms: nowMs }))
        .execute()
    },
    isKnown: async (nodeId) => {
      const row = await query
        .selectFrom('beacon_node')
        .select('node_id')
        .where('node_id', '=', nodeId)
        .executeTakeFirst()
      return row !== undefined
    },
    takeOver: (nodeId, silentSinceMs, limit) =>
      transaction(TAKING_OVER, (open) => takeOver(open, { nodeId, silentSinceMs, limit })),
    memoryCutoffMs: async (keep) => {
      const row = await query
        .selectFrom('beacon_chain')
        .select('touched_at_ms')
        .where('touched_at_ms', '>', 0)
        .orderBy('touched_at_ms', 'desc')
        .offset(keep - 1)
        .limit(1)
        .executeTakeFirst()
      return row?.touched_at_ms ?? 0
    },
    forgetBefore: (cutoffMs, limit) =>
      transaction(FORGETTING, async (open) => {
        const deleted = await open
          .deleteFrom('beacon_chain')
          .where('chain', 'in', (old) =>
            old.selectFrom('beacon_chain').select('chain').where('touched_at_ms', '<', cutoffMs).limit(limit),
          )
          .executeTakeFirst()
        return Number(deleted.numDeletedRows)
      }),
  }
}

function waitingOf(database: Kysely<Tables>, nodeId: string) {
  return database.selectFrom('beacon').where('node_id', '=', nodeId).where('state', '=', WAITING)
}

async function claim(
  database: Kysely<Tables>,
  chains: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (chains.length === 0) return new Map()
  // Answers with the rows that were there as well.
  const rows = await database
    .insertInto('beacon_chain')
    .values(chains.map((chain) => ({ chain, touched_at_ms: nowMs, events: NO_EVENTS })))
    .onConflict((conflict) => conflict.column('chain').doUpdateSet({ touched_at_ms: nowMs }))
    .returning(['chain', 'events'])
    .execute()
  return new Map(rows.map(({ chain, events }) => [chain, JSON.parse(events) as readonly string[]]))
}

async function remember(
  database: Kysely<Tables>,
  chains: readonly RememberedChain[],
  nowMs: number,
): Promise<void> {
  if (chains.length === 0) return
  await database
    .insertInto('beacon_chain')
    .values(
      chains.map(({ chain, events }) => ({ chain, touched_at_ms: nowMs, events: JSON.stringify(events) })),
    )
    .onConflict((conflict) =>
      conflict.column('chain').doUpdateSet((row) => ({
        touched_at_ms: row.ref('excluded.touched_at_ms'),
        events: row.ref('excluded.events'),
      })),
    )
    .execute()
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

async function remove(database: Kysely<Tables>, nodeId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await database.deleteFrom('beacon').where('key', 'in', keys).where('node_id', '=', nodeId).execute()
}

async function removeUncertain(database: Kysely<Tables>, nodeId: string): Promise<number> {
  const deleted = await database
    .deleteFrom('beacon')
    .where('node_id', '=', nodeId)
    .where('state', '=', ON_ITS_WAY)
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
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
  const uncertain = await removeUncertain(transaction, silent.node_id)
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
