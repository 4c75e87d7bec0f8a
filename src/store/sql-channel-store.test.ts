import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import type { Channel } from '../domain/channel.ts'
import type { Store } from './open-store.ts'
import { addReferences } from './resource-fixture.ts'
import { ACCOUNT_ID, addChannel, newPair } from './store-fixture.ts'

eachDatabase((kind) => {
  let store: Store
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  const OTHER_ACCOUNT_ID = '999999999999'

  test('gives back every member of a channel', async () => {
    const { channel } = await addChannel(store, {
      name: 'n',
      latencyMode: 'NORMAL',
      type: 'ADVANCED_HD',
      preset: 'CONSTRAINED_BANDWIDTH_DELIVERY',
      authorized: true,
      insecureIngest: true,
      containerFormat: 'FRAGMENTED_MP4',
      multitrackInput: { enabled: true, policy: 'REQUIRE', maximumResolution: 'SD' },
      ...(await addReferences(store)),
      tags: { ключ: '"quoted"', __proto__key: '\\' },
      createdAtMs: 1_800_000_000_123,
    })
    expect(await store.channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
  })

  test('shows an account nothing of another', async () => {
    const { channel, streamKey } = await addChannel(store)
    const { channels, streamKeys } = store
    const page = { after: undefined, limit: 100 }
    expect(await channels.get(OTHER_ACCOUNT_ID, channel.arn)).toBeUndefined()
    expect(await channels.getMany(OTHER_ACCOUNT_ID, [channel.arn])).toEqual([])
    expect((await channels.list(OTHER_ACCOUNT_ID, {}, page)).items).toEqual([])
    expect(await channels.update(OTHER_ACCOUNT_ID, channel.arn, (stored) => stored)).toBeUndefined()
    expect(await channels.delete(OTHER_ACCOUNT_ID, channel.arn)).toBe(false)
    expect(await streamKeys.get(OTHER_ACCOUNT_ID, streamKey.arn)).toBeUndefined()
    expect(await streamKeys.getMany(OTHER_ACCOUNT_ID, [streamKey.arn])).toEqual([])
    expect((await streamKeys.listByChannel(OTHER_ACCOUNT_ID, channel.arn, page)).items).toEqual([])
    expect(await streamKeys.create({ ...streamKey, accountId: OTHER_ACCOUNT_ID }, 5)).toBe('no-channel')
    expect(await streamKeys.delete(OTHER_ACCOUNT_ID, streamKey.arn)).toBe(false)
    expect(await channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
  })

  test('adds neither channel nor key when one of them cannot be added', async () => {
    const { streamKey: taken } = await addChannel(store)
    const { channel, streamKey } = newPair({ accountId: '111111111111' })
    const clash = { ...streamKey, value: taken.value }
    await expect(store.channels.create(channel, clash, 10)).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
    })
    expect(await store.channels.get('111111111111', channel.arn)).toBeUndefined()
    // The count went back as well: there is room for exactly one.
    expect(await store.channels.create(channel, streamKey, 1)).toBe('created')
    const second = newPair({ accountId: '111111111111' })
    expect(await store.channels.create(second.channel, second.streamKey, 1)).toBe('over-limit')
  })

  test('a write that fails takes none of those beside it away', async () => {
    const { streamKey: taken } = await addChannel(store)
    const pairs = Array.from({ length: 12 }, () => newPair({ accountId: '777777777777' }))
    const outcomes = await Promise.allSettled(
      pairs.map(({ channel, streamKey }, index) =>
        store.channels.create(channel, index % 2 ? { ...streamKey, value: taken.value } : streamKey, 100),
      ),
    )
    const arns = pairs.map(({ channel }) => channel.arn)
    const stored = await store.channels.getMany('777777777777', arns)
    expect(outcomes.map(({ status }) => status)).toEqual(
      arns.map((_, index) => (index % 2 ? 'rejected' : 'fulfilled')),
    )
    expect(stored.map((channel) => channel.arn)).toEqual(arns.filter((_, index) => index % 2 === 0))
  })

  test('keeps the stored channel when the change throws', async () => {
    const { channel } = await addChannel(store, { name: 'before' })
    const refusal = new Error('no')
    const change = () => {
      throw refusal
    }
    await expect(store.channels.update(ACCOUNT_ID, channel.arn, change)).rejects.toBe(refusal)
    expect(await store.channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
  })

  test('shows nobody a channel whose creation is not committed', async () => {
    const { streamKey: taken } = await addChannel(store)
    const { channel, streamKey } = newPair()
    const failing = store.channels.create(channel, { ...streamKey, value: taken.value }, 1000)
    const watching = (async () => {
      for (let look = 0; look < 20; look++) {
        expect(await store.channels.get(ACCOUNT_ID, channel.arn)).toBeUndefined()
      }
    })()
    await expect(failing).rejects.toMatchObject({ code: 'STATEMENT_FAILED' })
    await watching
  })

  test('many changes of one channel at once all count', async () => {
    const { channel } = await addChannel(store, { tags: {} })
    const add = (key: string) =>
      store.channels.update(ACCOUNT_ID, channel.arn, (stored) => ({
        ...stored,
        tags: { ...stored.tags, [key]: '' },
      }))
    await Promise.all(Array.from({ length: 30 }, (_, index) => add(`k${index}`)))
    const stored = await store.channels.get(ACCOUNT_ID, channel.arn)
    expect(Object.keys(stored?.tags ?? {})).toHaveLength(30)
  })

  test('takes the keys of a channel away with it', async () => {
    const { channel, streamKey } = await addChannel(store)
    expect((await store.streamKeys.findChannelByValue(streamKey.value))?.arn).toBe(channel.arn)
    expect(await store.channels.delete(ACCOUNT_ID, channel.arn)).toBe(true)
    expect(await store.channels.delete(ACCOUNT_ID, channel.arn)).toBe(false)
    expect(await store.streamKeys.get(ACCOUNT_ID, streamKey.arn)).toBeUndefined()
    expect(await store.streamKeys.findChannelByValue(streamKey.value)).toBeUndefined()
  })

  test.each([
    'recordingConfigurationArn',
    'playbackRestrictionPolicyArn',
    'adConfigurationArn',
    'name',
  ] as const)('lists by %s', async (member) => {
    const accountId = `22222222222${member.length % 10}`
    const wanted = { name: 'wanted', ...(await addReferences(store, { accountId })) }[member]
    const other = { name: 'other', ...(await addReferences(store, { accountId })) }[member]
    const { channel } = await addChannel(store, { accountId, [member]: wanted })
    await addChannel(store, { accountId, [member]: other })
    await addChannel(store, { accountId })
    const page = await store.channels.list(accountId, { [member]: wanted }, { after: undefined, limit: 10 })
    expect(page.items).toHaveLength(1)
    expect(channel).toMatchObject(page.items[0] ?? {})
    expect(page.items[0]).toMatchObject({ name: channel.name, tags: channel.tags, [member]: wanted })
    expect(page.items[0]).not.toHaveProperty('srtPassphrase')
  })

  type Step =
    | { readonly kind: 'add'; readonly atMs: number }
    | { readonly kind: 'delete'; readonly index: number }
    | { readonly kind: 'page'; readonly limit: number }

  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), atMs: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ kind: fc.constant('delete' as const), index: fc.nat(20) }),
    fc.record({ kind: fc.constant('page' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  )

  test('pages show what stayed all the while exactly once, whatever comes and goes between them', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const accountId = String(300_000_000_000 + run++)
        const present: Channel[] = []
        const add = async (atMs: number) =>
          present.push((await addChannel(store, { accountId }, atMs)).channel)
        for (let atMs = 0; atMs < 6; atMs++) await add(atMs)
        const stayed = new Set(present.map((channel) => channel.arn))
        const seen: string[] = []
        let after: string | undefined
        const readPage = async (limit: number) => {
          const page = await store.channels.list(accountId, {}, { after, limit })
          seen.push(...page.items.map((channel) => channel.arn))
          after = page.next
        }
        await readPage(2)
        for (const next of steps) {
          if (next.kind === 'add') await add(next.atMs)
          const [doomed] = next.kind === 'delete' ? present.splice(next.index, 1) : []
          if (doomed && (await store.channels.delete(accountId, doomed.arn))) stayed.delete(doomed.arn)
          if (next.kind === 'page' && after !== undefined) await readPage(next.limit)
        }
        while (after !== undefined) await readPage(3)
        expect(new Set(seen).size).toBe(seen.length)
        expect([...stayed].filter((arn) => !seen.includes(arn))).toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})
