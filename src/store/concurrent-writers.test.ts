/**
 * Rules hold however many write at once: through one store on SQLite, through two nodes' stores on PostgreSQL.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryDatabase } from '../../test/harness/databases.ts'
import { newStreamKey } from '../domain/stream-key-rules.ts'
import { openStore, type Store } from './open-store.ts'
import { someKeyPair, somePolicy } from './resource-fixture.ts'
import { ACCOUNT_ID, addChannel, newPair, temporaryDirectory } from './store-fixture.ts'

/** Of a race that each side shall win at least once: who does is chance. */
const MIN_ROUNDS = 20
const MAX_ROUNDS = 200
const FIRST_PAGE = { after: undefined, limit: 100 }

eachDatabase((kind) => {
  const opened = new AsyncDisposableStack()
  let stores: readonly Store[]
  beforeAll(async () => {
    const place = opened.use(await temporaryDatabase(kind))
    const one = opened.use(await openStore(place.options))
    if (kind === 'SQLite') stores = [one]
    else {
      const directory = opened.use(await temporaryDirectory())
      stores = [one, opened.use(await openStore({ ...place.options, dataDir: directory.path }))]
    }
  })
  afterAll(() => opened.disposeAsync())

  /** Runs `write` many times at once, on each store in turn. */
  const manyTimes = <Result>(count: number, write: (store: Store, index: number) => Promise<Result>) =>
    Promise.all(Array.from({ length: count }, (_, index) => write(stores[index % stores.length]!, index)))

  test('the quota of channels', async () => {
    const accountId = '111111111111'
    const outcomes = await manyTimes(30, (store) => {
      const { channel, streamKey } = newPair({ accountId })
      return store.channels.create(channel, streamKey, 7)
    })
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(7)
    expect((await stores[0]!.channels.list(accountId, {}, FIRST_PAGE)).items).toHaveLength(7)
  })

  test('one stream key for a channel', async () => {
    const { channel, streamKey } = await addChannel(stores[0]!)
    await stores[0]!.streamKeys.delete(ACCOUNT_ID, streamKey.arn)
    const birth = { region: 'us-west-2', accountId: ACCOUNT_ID, nowMs: 1 }
    const outcomes = await manyTimes(12, (store) =>
      store.streamKeys.create(newStreamKey(birth, channel.arn), 1),
    )
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
  })

  test('no change of a channel is lost', async () => {
    const { channel } = await addChannel(stores[0]!, { tags: {} })
    await manyTimes(30, (store, index) =>
      store.channels.update(ACCOUNT_ID, channel.arn, (stored) => ({
        ...stored,
        tags: { ...stored.tags, [`k${index}`]: '' },
      })),
    )
    const stored = await stores[0]!.channels.get(ACCOUNT_ID, channel.arn)
    expect(Object.keys(stored?.tags ?? {})).toHaveLength(30)
  })

  test('no change of tags is lost beside changes of the channel', async () => {
    const { channel } = await addChannel(stores[0]!, { tags: {} })
    await manyTimes(20, async (store, index) => {
      const tag = { [`k${index}`]: '' }
      await (index % 4 < 2
        ? store.tags.update(ACCOUNT_ID, channel.arn, (tags) => ({ ...tags, ...tag }))
        : store.channels.update(ACCOUNT_ID, channel.arn, (old) => ({
            ...old,
            tags: { ...old.tags, ...tag },
          })))
    })
    expect(Object.keys((await stores[0]!.tags.get(ACCOUNT_ID, channel.arn)) ?? {})).toHaveLength(20)
  })

  test('a public key is there once', async () => {
    const keyPair = someKeyPair()
    const outcomes = await manyTimes(8, (store, index) =>
      store.playbackKeyPairs.create({ ...keyPair, arn: `${keyPair.arn}${index}` }, 5),
    )
    expect(outcomes.sort()).toEqual(['created', ...Array<string>(7).fill('duplicate')])
  })

  test('nothing is deleted that a channel refers to, and no channel refers to what is deleted', async () => {
    const seen = new Set<string>()
    for (let round = 0; round < MIN_ROUNDS || (seen.size < 2 && round < MAX_ROUNDS); round++) {
      const policy = somePolicy()
      await stores[0]!.playbackRestrictionPolicies.create(policy, 1000)
      const { channel, streamKey } = newPair({ playbackRestrictionPolicyArn: policy.arn })
      const attach = () => stores.at(-1)!.channels.create(channel, streamKey, 1000)
      const remove = () => stores[0]!.playbackRestrictionPolicies.delete(ACCOUNT_ID, policy.arn)
      const attachedFirst = round % 2 ? undefined : attach()
      const removedFirst = round % 2 ? remove() : undefined
      // A head start of one turn of the event loop: enough to be first, not enough to be through.
      await new Promise((resolve) => setImmediate(resolve))
      const [attached, removed] = await Promise.allSettled([
        attachedFirst ?? attach(),
        removedFirst ?? remove(),
      ])
      const isAttached = attached.status === 'fulfilled'
      seen.add(isAttached ? 'attached' : 'removed')
      expect(removed).toEqual({ status: 'fulfilled', value: isAttached ? 'in-use' : 'deleted' })
      expect((await stores[0]!.channels.get(ACCOUNT_ID, channel.arn)) !== undefined).toBe(isAttached)
    }
    expect([...seen].sort()).toEqual(['attached', 'removed'])
  })
})
