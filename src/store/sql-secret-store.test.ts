import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import type { Store } from './open-store.ts'

eachDatabase((kind) => {
  let store: Store
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  test('makes a secret once and gives the same to all who ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 5 }, () => store.secrets.getOrCreate('shared')))
    expect(new Set(asked.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1)
  })

  test('forgets the secrets of a range of names and no other', async () => {
    const { getOrCreate, removeBetween } = store.secrets
    const names = ['keys/2026-01-01', 'keys/2026-01-02', 'keys/2026-01-03', 'other', 'a']
    const before = await Promise.all(names.map(getOrCreate))
    await removeBetween('keys/', 'keys/2026-01-03')
    const after = await Promise.all(names.map(getOrCreate))
    const isSame = after.map((secret, index) => Buffer.compare(secret, before[index] ?? secret) === 0)
    expect(isSame).toEqual([false, false, true, true, true])
  })
})
