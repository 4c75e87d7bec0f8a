import { expect, test } from 'vitest'
import { eachDatabase, temporaryDatabase, temporaryStore } from '../../test/harness/databases.ts'
import { openStore } from './open-store.ts'

const CHANNEL = 'arn:aws:ivs:us-west-2:000000000000:channel/abc'

eachDatabase((kind) => {
  test('a token is spent once, also when many come for it at the same time', async () => {
    await using store = await temporaryStore(kind)
    const spend = (tokenId: string, channelArn = CHANNEL) =>
      store.spentTokens.spend({ channelArn, tokenId, expiresAtMs: 10 })
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => spend(`token ${index % 3}`)))
    expect(outcomes.filter((isFirst) => isFirst)).toHaveLength(3)
    expect(await spend('token 0')).toBe(false)
    expect(await spend('token 0', 'arn:other')).toBe(true)
  })

  test('what is spent stays spent after a new start', async () => {
    await using place = await temporaryDatabase(kind)
    const token = { channelArn: CHANNEL, tokenId: 'once', expiresAtMs: 10 }
    const before = await openStore(place.options)
    expect(await before.spentTokens.spend(token)).toBe(true)
    await before[Symbol.asyncDispose]()
    await using after = await openStore(place.options)
    expect(await after.spentTokens.spend(token)).toBe(false)
  })

  test('forgets what has expired, some at a time', async () => {
    await using store = await temporaryStore(kind)
    const { spend, removeExpiredBefore } = store.spentTokens
    for (const expiresAtMs of [10, 11, 12, 20]) {
      await spend({ channelArn: CHANNEL, tokenId: `expires ${expiresAtMs}`, expiresAtMs })
    }
    expect(await removeExpiredBefore(20, 2)).toBe(2)
    expect(await removeExpiredBefore(20, 2)).toBe(1)
    expect(await removeExpiredBefore(20, 2)).toBe(0)
    expect(await spend({ channelArn: CHANNEL, tokenId: 'expires 20', expiresAtMs: 20 })).toBe(false)
  })
})

test('nodes that share a PostgreSQL database spend a token once between them', async () => {
  await using place = await temporaryDatabase('PostgreSQL')
  await using first = await openStore(place.options)
  await using otherDirectory = await temporaryDatabase('SQLite')
  await using second = await openStore({ ...place.options, dataDir: otherDirectory.options.dataDir })
  const tokens = Array.from({ length: 10 }, (_, index) => ({
    channelArn: CHANNEL,
    tokenId: `shared ${index}`,
    expiresAtMs: 10,
  }))
  const spent = await Promise.all(
    tokens.flatMap((token) => [first, second].map((node) => node.spentTokens.spend(token))),
  )
  expect(spent.filter((isFirst) => isFirst)).toHaveLength(10)
})
