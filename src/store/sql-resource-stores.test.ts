import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import type { BornResource } from '../domain/resource-birth.ts'
import type { DeleteOutcome, Page, PageRequest } from '../domain/stores.ts'
import type { Store } from './open-store.ts'
import {
  addReferences,
  someAdConfiguration,
  someKeyPair,
  somePolicy,
  someRecordingConfiguration,
} from './resource-fixture.ts'
import type { FixtureBirth } from './resource-fixture.ts'
import { ACCOUNT_ID, addChannel } from './store-fixture.ts'

const OTHER_ACCOUNT_ID = '999999999999'
const FIRST_PAGE = { after: undefined, limit: 100 }

// As methods, so that a store of one type of resource may stand for all.
type AnyStore = {
  create(resource: BornResource, limit: number): Promise<'created' | 'duplicate' | 'over-limit'>
  get(accountId: string, arn: string): Promise<BornResource | undefined>
  list(accountId: string, page: PageRequest): Promise<Page<BornResource>>
  delete(accountId: string, arn: string): Promise<DeleteOutcome | boolean>
}

type Named = BornResource & { readonly name: string }

type Changeable = AnyStore & {
  update(accountId: string, arn: string, change: (old: Named) => Named): Promise<BornResource | undefined>
}

async function addTo(store: AnyStore, resource: Named): Promise<Named> {
  await store.create(resource, 1)
  return resource
}

type Kind = {
  readonly name: string
  readonly make: (birth?: FixtureBirth) => BornResource
  readonly of: (store: Store) => AnyStore
}

const RESOURCES: readonly Kind[] = [
  { name: 'playback key pairs', make: someKeyPair, of: (store) => store.playbackKeyPairs },
  { name: 'policies', make: somePolicy, of: (store) => store.playbackRestrictionPolicies },
  {
    name: 'recording configurations',
    make: someRecordingConfiguration,
    of: (store) => store.recordingConfigurations,
  },
  { name: 'ad configurations', make: someAdConfiguration, of: (store) => store.adConfigurations },
]

const ATTACHABLE = [
  { member: 'recordingConfigurationArn', store: 'recordingConfigurations' },
  { member: 'playbackRestrictionPolicyArn', store: 'playbackRestrictionPolicies' },
  { member: 'adConfigurationArn', store: 'adConfigurations' },
] as const

eachDatabase((kind) => {
  let store: Store
  let accounts = 500_000_000_000
  const freshAccount = (): string => String(accounts++)
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  describe.each(RESOURCES)('$name', ({ make, of }) => {
    test('are given back with every member', async () => {
      const resource = make({ accountId: freshAccount(), nowMs: 1_800_000_000_123 })
      const { accountId, arn } = resource
      expect(await of(store).create(resource, 1)).toBe('created')
      expect(await of(store).get(accountId, arn)).toEqual(resource)
      expect((await of(store).list(accountId, FIRST_PAGE)).items).toEqual([resource])
    })

    test('are nothing to another account', async () => {
      const resource = make({ accountId: freshAccount() })
      await of(store).create(resource, 1)
      expect(await of(store).get(OTHER_ACCOUNT_ID, resource.arn)).toBeUndefined()
      expect((await of(store).list(OTHER_ACCOUNT_ID, FIRST_PAGE)).items).toEqual([])
      expect([false, 'missing']).toContain(await of(store).delete(OTHER_ACCOUNT_ID, resource.arn))
      expect(await of(store).get(resource.accountId, resource.arn)).toEqual(resource)
    })

    test('are added up to the limit, also many at once, and deleting makes room for exactly one', async () => {
      const accountId = freshAccount()
      const wanted = Array.from({ length: 6 }, () => make({ accountId }))
      const outcomes = await Promise.all(wanted.map((resource) => of(store).create(resource, 4)))
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(4)
      expect(outcomes.filter((outcome) => outcome === 'over-limit')).toHaveLength(2)
      const [first] = (await of(store).list(accountId, FIRST_PAGE)).items
      const gone = await Promise.all([1, 2, 3].map(() => of(store).delete(accountId, first?.arn ?? '')))
      expect(gone.filter((outcome) => outcome === true || outcome === 'deleted')).toHaveLength(1)
      expect(await of(store).create(make({ accountId }), 4)).toBe('created')
      expect(await of(store).create(make({ accountId }), 4)).toBe('over-limit')
    })

    test('come page by page in the order of their age', async () => {
      const accountId = freshAccount()
      const made = [3, 1, 2, 2].map((nowMs) => make({ accountId, nowMs }))
      for (const resource of made) await of(store).create(resource, 10)
      const order = [...made].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.arn < b.arn ? -1 : 1))
      const first = await of(store).list(accountId, { after: undefined, limit: 3 })
      const second = await of(store).list(accountId, { after: first.next, limit: 3 })
      expect([...first.items, ...second.items]).toEqual(order)
      expect(second.next).toBeUndefined()
    })
  })

  describe.each(ATTACHABLE)('a channel with $member', ({ member, store: name }) => {
    test('can be made only with one that the account has', async () => {
      const accountId = freshAccount()
      const { [member]: theirs } = await addReferences(store)
      const refused = { code: 'RESOURCE_NOT_FOUND', message: `Resource: ${theirs} not found` }
      await expect(addChannel(store, { accountId, [member]: theirs })).rejects.toMatchObject(refused)
      expect((await store.channels.list(accountId, {}, FIRST_PAGE)).items).toEqual([])
      const { channel } = await addChannel(store, { accountId })
      const attach = store.channels.update(accountId, channel.arn, (stored) => ({
        ...stored,
        [member]: theirs,
      }))
      await expect(attach).rejects.toMatchObject(refused)
      expect(await store.channels.get(accountId, channel.arn)).toEqual(channel)
    })

    test('keeps it from being deleted, until it is detached or gone', async () => {
      const accountId = freshAccount()
      const { [member]: arn } = await addReferences(store, { accountId })
      const [one, two] = [
        await addChannel(store, { accountId, [member]: arn }),
        await addChannel(store, { accountId, [member]: arn }),
      ]
      expect(await store[name].delete(accountId, arn)).toBe('in-use')
      await store.channels.update(accountId, one.channel.arn, (stored) => ({ ...stored, [member]: '' }))
      expect(await store[name].delete(accountId, arn)).toBe('in-use')
      await store.channels.delete(accountId, two.channel.arn)
      expect(await store[name].delete(accountId, arn)).toBe('deleted')
    })

    test('never refers to what is gone, however attaching and deleting meet', async () => {
      const accountId = freshAccount()
      for (let round = 0; round < 8; round++) {
        const { [member]: arn } = await addReferences(store, { accountId })
        const { channel } = await addChannel(store, { accountId })
        const attach = () =>
          store.channels.update(accountId, channel.arn, (stored) => ({ ...stored, [member]: arn }))
        const detach = () => store[name].delete(accountId, arn)
        const create = () => addChannel(store, { accountId, [member]: arn })
        const works = round % 2 ? [attach, detach, create] : [detach, create, attach]
        await Promise.allSettled(works.map((work) => work()))
        const users = await store.channels.list(accountId, { [member]: arn }, FIRST_PAGE)
        const exists = (await store[name].get(accountId, arn)) !== undefined
        expect(users.items.length > 0).toBe(exists)
      }
    })
  })

  test('a key is kept once in an account, also when it comes many times at once', async () => {
    const [accountId, otherId] = [freshAccount(), freshAccount()]
    const pair = someKeyPair({ accountId })
    const copies = Array.from({ length: 4 }, (_, index) => ({ ...pair, arn: `${pair.arn}${index}` }))
    const outcomes = await Promise.all(copies.map((copy) => store.playbackKeyPairs.create(copy, 10)))
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(3)
    const theirs = { ...pair, accountId: otherId, arn: `${pair.arn}x` }
    expect(await store.playbackKeyPairs.create(theirs, 1)).toBe('created')
    // Duplicates were not counted.
    expect(await store.playbackKeyPairs.create(someKeyPair({ accountId }), 2)).toBe('created')
  })

  test.each(['playbackRestrictionPolicies', 'adConfigurations'] as const)(
    'changes of %s at once all count, and one that throws changes nothing',
    async (name) => {
      const accountId = freshAccount()
      const changeable: Changeable = store[name]
      const resource = { playbackRestrictionPolicies: somePolicy, adConfigurations: someAdConfiguration }[
        name
      ]
      const { arn, name: before } = await addTo(changeable, resource({ accountId }))
      const add = () => changeable.update(accountId, arn, (old) => ({ ...old, name: `${old.name}x` }))
      await Promise.all([add(), add(), add(), add()])
      const refuse = changeable.update(accountId, arn, () => {
        throw new Error('no')
      })
      await expect(refuse).rejects.toThrow('no')
      expect(await changeable.get(accountId, arn)).toMatchObject({ name: `${before}xxxx` })
      expect(await changeable.update(OTHER_ACCOUNT_ID, arn, (old) => old)).toBeUndefined()
    },
  )

  test('a recording configuration leaves CREATING once', async () => {
    const accountId = freshAccount()
    const { recordingConfigurations } = store
    const configuration = someRecordingConfiguration({ accountId, nowMs: 0 })
    await recordingConfigurations.create(configuration, 1)
    expect((await recordingConfigurations.listCreating(1)).map(({ arn }) => arn)).toEqual([configuration.arn])
    await recordingConfigurations.settle(configuration.arn, 'ACTIVE')
    await recordingConfigurations.settle(configuration.arn, 'CREATE_FAILED')
    await recordingConfigurations.settle('gone', 'ACTIVE')
    expect(await recordingConfigurations.get(accountId, configuration.arn)).toEqual({
      ...configuration,
      state: 'ACTIVE',
    })
    expect((await recordingConfigurations.listCreating(100)).map(({ arn }) => arn)).not.toContain(
      configuration.arn,
    )
  })

  test('tags are those of the resource, of every type, and of its account alone', async () => {
    const accountId = freshAccount()
    const references = await addReferences(store, { accountId })
    const { channel, streamKey } = await addChannel(store, { accountId })
    const pair = someKeyPair({ accountId })
    await store.playbackKeyPairs.create(pair, 1)
    for (const arn of [channel.arn, streamKey.arn, pair.arn, ...Object.values(references)]) {
      const tags = { ключ: '"quoted"' }
      expect(await store.tags.update(accountId, arn, () => tags)).toEqual(tags)
      expect(await store.tags.get(accountId, arn)).toEqual(tags)
      expect(await store.tags.get(OTHER_ACCOUNT_ID, arn)).toBeUndefined()
      expect(await store.tags.update(OTHER_ACCOUNT_ID, arn, () => ({}))).toBeUndefined()
    }
    expect((await store.channels.get(accountId, channel.arn))?.tags).toEqual({ ключ: '"quoted"' })
  })

  test.each(['', 'arn', 'arn:aws:ivs:us-west-2:1:constructor/a', 'arn:aws:ivs:us-west-2:1:channel/none'])(
    'there are no tags of "%s"',
    async (arn) => {
      expect(await store.tags.get(ACCOUNT_ID, arn)).toBeUndefined()
      expect(await store.tags.update(ACCOUNT_ID, arn, () => ({}))).toBeUndefined()
    },
  )

  test('tags and settings of a channel, changed at once, keep each other', async () => {
    const { channel } = await addChannel(store, { accountId: freshAccount() })
    const { accountId, arn } = channel
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => [
        store.tags.update(accountId, arn, (tags) => ({ ...tags, [`k${index}`]: '' })),
        store.channels.update(accountId, arn, (stored) => ({ ...stored, name: `${stored.name}x` })),
      ]).flat(),
    )
    const stored = await store.channels.get(accountId, arn)
    expect([Object.keys(stored?.tags ?? {}).length, stored?.name]).toEqual([10, 'x'.repeat(10)])
  })
})
