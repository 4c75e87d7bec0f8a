import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import { newStreamKey } from '../domain/stream-key-rules.ts'
import type { Store } from './open-store.ts'
import { ACCOUNT_ID, addChannel } from './store-fixture.ts'

eachDatabase((kind) => {
  let store: Store
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  const keyFor = (channelArn: string, nowMs = 1) =>
    newStreamKey({ region: 'us-west-2', accountId: ACCOUNT_ID, nowMs }, channelArn, { n: String(nowMs) })

  test('gives back every member of a key', async () => {
    const { channel } = await addChannel(store)
    const key = keyFor(channel.arn, 1_800_000_000_123)
    expect(await store.streamKeys.create(key, 2)).toBe('created')
    expect(await store.streamKeys.get(ACCOUNT_ID, key.arn)).toEqual(key)
  })

  test('adds no key beyond the limit, also when many are added at once', async () => {
    const { channel } = await addChannel(store)
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.streamKeys.create(keyFor(channel.arn), 3)),
    )
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(2)
    expect(outcomes.filter((outcome) => outcome === 'over-limit')).toHaveLength(6)
  })

  test('adds no key to a channel that is not there', async () => {
    expect(await store.streamKeys.create(keyFor('arn:aws:ivs:us-west-2:000000000000:channel/none'), 1)).toBe(
      'no-channel',
    )
  })

  test('gets many in the order asked, each once', async () => {
    const first = (await addChannel(store)).streamKey
    const second = (await addChannel(store)).streamKey
    const arns = [second.arn, 'none', first.arn, second.arn]
    expect(await store.streamKeys.getMany(ACCOUNT_ID, arns)).toEqual([second, first])
  })

  test('lists the keys of one channel in pages, oldest first', async () => {
    const { channel, streamKey } = await addChannel(store, {}, 1)
    await addChannel(store)
    const later = keyFor(channel.arn, 2)
    await store.streamKeys.create(later, 2)
    const first = await store.streamKeys.listByChannel(ACCOUNT_ID, channel.arn, {
      after: undefined,
      limit: 1,
    })
    expect(first.items).toEqual([streamKey])
    const second = await store.streamKeys.listByChannel(ACCOUNT_ID, channel.arn, {
      after: first.next,
      limit: 1,
    })
    expect(second).toEqual({ items: [later], next: undefined })
  })

  test('finds the channel of a secret until the key is deleted', async () => {
    const { channel, streamKey } = await addChannel(store)
    expect(await store.streamKeys.findChannelByValue(streamKey.value)).toEqual(channel)
    expect(await store.streamKeys.findChannelByValue(streamKey.value.toLowerCase())).toBeUndefined()
    expect(await store.streamKeys.delete(ACCOUNT_ID, streamKey.arn)).toBe(true)
    expect(await store.streamKeys.delete(ACCOUNT_ID, streamKey.arn)).toBe(false)
    expect(await store.streamKeys.findChannelByValue(streamKey.value)).toBeUndefined()
  })
})
