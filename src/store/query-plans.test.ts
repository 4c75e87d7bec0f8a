import { CompiledQuery, createQueryId, sql } from 'kysely'
import type { KyselyPlugin, RootOperationNode } from 'kysely'
import { expect, test } from 'vitest'
import { eachDatabase, openEmptyDatabase, type DatabaseKind } from '../../test/harness/databases.ts'
import type { Database } from './database.ts'
import { migrate, MIGRATIONS } from './migrations/migrate.ts'
import {
  addReferences,
  someAdConfiguration,
  someKeyPair,
  somePlaybackConfiguration,
  somePrefetchSchedule,
} from './resource-fixture.ts'
import { sqlStores, type Stores } from './sql-stores.ts'
import { ACCOUNT_ID, newPair } from './store-fixture.ts'

const PAGE = { after: '1 arn', limit: 10 }

/** Does everything that stores can do. */
async function useEverything(stores: Stores): Promise<void> {
  const references = await addReferences(stores)
  const { channel, streamKey } = newPair(references)
  const keyPair = someKeyPair()
  await stores.channels.create(channel, streamKey, 10)
  await stores.channels.get(ACCOUNT_ID, channel.arn)
  await stores.channels.getMany(ACCOUNT_ID, [channel.arn, 'other'])
  await stores.channels.list(ACCOUNT_ID, {}, PAGE)
  await stores.channels.list(ACCOUNT_ID, { name: 'n' }, PAGE)
  for (const [member, arn] of Object.entries(references)) {
    await stores.channels.list(ACCOUNT_ID, { [member]: arn }, PAGE)
  }
  await stores.channels.update(ACCOUNT_ID, channel.arn, (old) => ({ ...old, name: 'other' }))
  await stores.streamKeys.create({ ...streamKey, arn: 'another', value: 'another' }, 10)
  await stores.streamKeys.get(ACCOUNT_ID, streamKey.arn)
  await stores.streamKeys.getMany(ACCOUNT_ID, [streamKey.arn, 'other'])
  await stores.streamKeys.listByChannel(ACCOUNT_ID, channel.arn, PAGE)
  await stores.streamKeys.findChannelByValue(streamKey.value)
  await stores.streamKeys.delete(ACCOUNT_ID, streamKey.arn)
  await stores.tags.get(ACCOUNT_ID, channel.arn)
  await stores.tags.update(ACCOUNT_ID, channel.arn, (tags) => tags)
  await stores.recordingConfigurations.listCreating(10)
  await stores.recordingConfigurations.settle(references.recordingConfigurationArn, 'ACTIVE')
  await stores.playbackKeyPairs.create(keyPair, 10)
  await stores.playbackKeyPairs.delete(ACCOUNT_ID, keyPair.arn)
  await useSessions(stores, channel)
  await useEvents(stores)
  await useBeacons(stores)
  await usePlaybackConfigurations(stores)
  await stores.channels.delete(ACCOUNT_ID, channel.arn)
  const { playbackKeyPairs, playbackRestrictionPolicies, recordingConfigurations, adConfigurations } = stores
  for (const store of [
    playbackKeyPairs,
    playbackRestrictionPolicies,
    recordingConfigurations,
    adConfigurations,
  ]) {
    await store.get(ACCOUNT_ID, 'arn')
    await store.list(ACCOUNT_ID, PAGE)
    await store.delete(ACCOUNT_ID, 'arn')
  }
  await playbackRestrictionPolicies.update(ACCOUNT_ID, references.playbackRestrictionPolicyArn, (old) => old)
  await adConfigurations.update(ACCOUNT_ID, references.adConfigurationArn, (old) => old)
  await stores.secrets.getOrCreate('some')
  await stores.secrets.removeBetween('a', 'b')
}

async function useSessions(
  { streamSessions, revocations, spentTokens }: Stores,
  channel: ReturnType<typeof newPair>['channel'],
): Promise<void> {
  const { arn: channelArn } = channel
  const streamId = 'st-1'
  const event = { number: 1, name: 'n', type: 't', timeMs: 1 }
  const opened = { nodeId: 'node', createdAtMs: 1, recordingConfiguration: undefined, events: [event] }
  await streamSessions.write([{ kind: 'opened', streamId, channel, ...opened }])
  await streamSessions.write([
    { kind: 'changed', streamId, startTimeMs: 2, events: [{ ...event, number: 600 }] },
  ])
  await streamSessions.get(ACCOUNT_ID, channelArn, streamId)
  await streamSessions.get(ACCOUNT_ID, channelArn, undefined)
  await streamSessions.events(streamId)
  await streamSessions.list(ACCOUNT_ID, channelArn, PAGE)
  await streamSessions.listOpen({ nodeId: 'node' }, 10)
  await streamSessions.listOpen({ otherThanNodeId: 'node', silentSinceMs: 1 }, 10)
  await streamSessions.markAlive('node', 3)
  await streamSessions.removeEndedBefore(1, 10)
  const revocation = { accountId: ACCOUNT_ID, channelArn, viewerId: 'v', version: 1, revokedAtMs: 1 }
  await revocations.add([revocation])
  await revocations.find(channelArn, 'v')
  await revocations.listSince(0, { after: undefined, limit: 10 })
  await revocations.removeBefore(1, 10)
  await spentTokens.spend({ channelArn, tokenId: 't', expiresAtMs: 1 })
  await spentTokens.removeExpiredBefore(1, 10)
}

async function useEvents({ eventOutbox }: Stores): Promise<void> {
  const target = 'hook'
  await eventOutbox.register(target)
  await eventOutbox.lease(target, 'node', 1, 2)
  await eventOutbox.add([1, 2].map((id) => ({ id: `${id}`, accountId: ACCOUNT_ID, lane: 'l', body: '{}' })))
  const sequence = await eventOutbox.newest()
  await eventOutbox.after(0, 10)
  await eventOutbox.afterOfAccount(ACCOUNT_ID, 0, 10)
  await eventOutbox.get([sequence])
  await eventOutbox.save({
    target,
    nodeId: 'node',
    nowMs: 1,
    cursor: sequence,
    parked: [{ sequence, lane: 'l', attempts: 1, retryAtMs: 1 }],
    delivered: [sequence - 1],
    dead: [{ sequence, attempts: 1, reason: 'r' }],
  })
  await eventOutbox.state(target)
  await eventOutbox.trimDead(0)
  await eventOutbox.removeBefore(1, 10)
  await eventOutbox.removeUpTo(0, 10)
  await eventOutbox.release(target, 'node')
}

async function usePlaybackConfigurations(stores: Stores): Promise<void> {
  const { adConfigurations, playbackConfigurations, prefetchSchedules } = stores
  const ads = somePlaybackConfiguration('ads')
  await playbackConfigurations.put(ACCOUNT_ID, 'ads', () => ads, 10)
  await playbackConfigurations.put(ACCOUNT_ID, 'ads', () => ads, 10)
  await playbackConfigurations.update(ACCOUNT_ID, 'ads', (stored) => stored)
  await playbackConfigurations.getMany(ACCOUNT_ID, [ads.arn, 'other'])
  await playbackConfigurations.findByAddress('hash', 'ads')
  await playbackConfigurations.list(ACCOUNT_ID, PAGE)
  await adConfigurations.create(someAdConfiguration({}, [ads.arn]), 10)
  await prefetchSchedules.create(somePrefetchSchedule('one', 10), 10, 2)
  const place = { accountId: ACCOUNT_ID, configurationName: 'ads', name: 'one' }
  await prefetchSchedules.get(place)
  const filter = { endedSinceMs: 0, streamId: 's', scheduleType: 'SINGLE' } as const
  await prefetchSchedules.list(ACCOUNT_ID, 'ads', filter, PAGE)
  await prefetchSchedules.listActive(1, 10)
  await prefetchSchedules.delete(place)
  await prefetchSchedules.removeEndedBefore(1, 10)
  await stores.tags.get(ACCOUNT_ID, ads.arn)
  await stores.tags.update(ACCOUNT_ID, ads.arn, (tags) => tags)
  const spare = somePlaybackConfiguration('spare')
  await playbackConfigurations.put(ACCOUNT_ID, 'spare', () => spare, 10)
  await playbackConfigurations.get(ACCOUNT_ID, 'spare')
  await playbackConfigurations.delete(ACCOUNT_ID, 'spare')
}

async function useBeacons({ beacons }: Stores): Promise<void> {
  const beacon = { lane: 'l', place: 1, dueAtMs: 1, retryAtMs: 0, body: '{}' }
  await beacons.claim(['c'], 1)
  await beacons.remember([{ chain: 'c', events: ['e'] }], 1)
  await beacons.isKnown('node')
  await beacons.add('node', [{ key: 'a', ...beacon }])
  await beacons.mark('node', ['a'])
  await beacons.putBack('node', ['a'], 2)
  await beacons.waiting('node', 'l', 0, 10)
  await beacons.waitingLanes('node')
  await beacons.remove('node', ['a'])
  await beacons.removeUncertain('node')
  await beacons.markAlive('node', 1)
  await beacons.takeOver('another', 2, 10)
  await beacons.memoryCutoffMs(1)
  await beacons.forgetBefore(2, 10)
}

/** The same stores, and the names of those functions that nobody called yet. */
function watched(stores: Stores): { readonly stores: Stores; readonly unused: ReadonlySet<string> } {
  const unused = new Set<string>()
  const watchStore = (storeName: string, store: object): object =>
    Object.fromEntries(
      Object.entries(store).map(([name, run]: [string, (...args: unknown[]) => unknown]) => {
        unused.add(`${storeName}.${name}`)
        const watchedRun = (...args: unknown[]): unknown => {
          unused.delete(`${storeName}.${name}`)
          return run(...args)
        }
        return [name, watchedRun]
      }),
    )
  const copies = Object.entries(stores).map(([name, store]) => [name, watchStore(name, store)])
  return { stores: Object.fromEntries(copies) as Stores, unused }
}

/** Notes every query that goes through. */
function recorder(): KyselyPlugin & { readonly nodes: RootOperationNode[] } {
  const nodes: RootOperationNode[] = []
  return {
    nodes,
    transformQuery: ({ node }) => {
      nodes.push(node)
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
}

function recorded(database: Database, plugin: KyselyPlugin): Database {
  return {
    ...database,
    query: database.query.withPlugin(plugin),
    transaction: (turn, work) => database.transaction(turn, (open) => work(open.withPlugin(plugin))),
  }
}

/** The statements that were recorded, each text once. */
function statements({ query }: Database, nodes: readonly RootOperationNode[]): readonly CompiledQuery[] {
  const compiled = nodes.map((node) => query.getExecutor().compileQuery(node, createQueryId()))
  return [...new Map(compiled.map((one) => [one.sql, one])).values()]
}

async function planOf(kind: DatabaseKind, database: Database, statement: CompiledQuery): Promise<string> {
  const explain = kind === 'SQLite' ? 'explain query plan' : 'explain'
  const { rows } = await database.transaction('plan', async (open) => {
    // PostgreSQL rather reads and sorts small tables; forbidden that, it shows whether there is another way.
    if (kind === 'PostgreSQL') {
      await sql`set local enable_seqscan = off`.execute(open)
      await sql`set local enable_bitmapscan = off`.execute(open)
    }
    return open.executeQuery<Record<string, string>>(
      CompiledQuery.raw(`${explain} ${statement.sql}`, [...statement.parameters]),
    )
  })
  return rows.map((row) => row['detail'] ?? row['QUERY PLAN']).join('\n')
}

eachDatabase((kind) => {
  test('every query finds its rows by an index, so that it costs the same however many there are', async () => {
    await using opened = await openEmptyDatabase(kind)
    const { database } = opened
    await migrate(database, MIGRATIONS, () => 1)
    const plugin = recorder()
    const { stores, unused } = watched(sqlStores(recorded(database, plugin)))
    await useEverything(stores)
    expect([...unused]).toEqual([])
    const used = statements(database, plugin.nodes)
    expect(used.length).toBeGreaterThan(50)
    for (const statement of used) {
      const plan = await planOf(kind, database, statement)
      expect(plan, statement.sql).not.toMatch(
        /^SCAN (?!CONSTANT|[0-9]+-ROW VALUES)|TEMP B-TREE|Seq Scan|Sort/m,
      )
    }
  })
})
