import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'
import type { Store } from './open-store.ts'
import { ACCOUNT_ID } from './store-fixture.ts'

function revocation(changes: Partial<ViewerSessionRevocation>): ViewerSessionRevocation {
  return {
    accountId: ACCOUNT_ID,
    channelArn: 'arn:channel',
    viewerId: 'v',
    version: 0,
    revokedAtMs: 1,
    ...changes,
  }
}

eachDatabase((kind) => {
  let store: Store
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  test('keeps the highest version of each viewer and channel, with the time of the last', async () => {
    const { add, find } = store.revocations
    const version = Number.MAX_SAFE_INTEGER
    await add([revocation({ viewerId: 'a', version, revokedAtMs: 1 }), revocation({ viewerId: 'b' })])
    await add([revocation({ viewerId: 'a', version: 3, revokedAtMs: 2 })])
    await add([revocation({ viewerId: 'b', version: 4, revokedAtMs: 3 })])
    expect(await find('arn:channel', 'a')).toEqual(revocation({ viewerId: 'a', version, revokedAtMs: 2 }))
    expect(await find('arn:channel', 'b')).toMatchObject({ version: 4, revokedAtMs: 3 })
    expect(await find('arn:other', 'a')).toBeUndefined()
    expect(await find('arn:channel', 'A')).toBeUndefined()
  })

  test('writers of the same viewers at once all succeed, and the highest counts', async () => {
    const viewers = ['x', 'y', 'z']
    await Promise.all(
      Array.from({ length: 20 }, (_, version) => {
        const order = version % 2 ? viewers : [...viewers].reverse()
        return store.revocations.add(order.map((viewerId) => revocation({ viewerId, version })))
      }),
    )
    for (const viewerId of viewers) {
      expect(await store.revocations.find('arn:channel', viewerId)).toMatchObject({ version: 19 })
    }
  })

  test('lists what is new since a moment, in pages, each once', async () => {
    const sinceMs = 1_000_000
    // Ids with blanks, quotes and other scripts, all of one moment: the place of a page must tell them apart.
    const viewerIds = ['a b', "o'clock", '"', '\\', 'ключ', '%', '']
    await store.revocations.add(viewerIds.map((viewerId) => revocation({ viewerId, revokedAtMs: sinceMs })))
    await store.revocations.add([revocation({ viewerId: 'before', revokedAtMs: sinceMs - 1 })])
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.revocations.listSince(sinceMs, { after, limit: 2 })
      seen.push(...page.items.map(({ viewerId }) => viewerId))
      after = page.next
    } while (after !== undefined)
    expect(seen.sort()).toEqual([...viewerIds].sort())
  })

  test('forgets the old ones, some at a time', async () => {
    await using fresh = await temporaryStore(kind)
    const { add, removeBefore, find } = fresh.revocations
    const viewerIds = ['1', '2', '3']
    await add(viewerIds.map((viewerId) => revocation({ viewerId, revokedAtMs: 10 })))
    await add([revocation({ viewerId: 'again', revokedAtMs: 10 })])
    await add([revocation({ viewerId: 'again', revokedAtMs: 20 })])
    expect(await removeBefore(20, 2)).toBe(2)
    expect(await removeBefore(20, 2)).toBe(1)
    expect(await removeBefore(20, 2)).toBe(0)
    expect(await find('arn:channel', 'again')).toBeDefined()
  })
})
