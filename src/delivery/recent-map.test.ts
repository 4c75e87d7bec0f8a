import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentMap } from './recent-map.ts'

test('keeps what is used and forgets what is not', () => {
  const map = new RecentMap<number, string>(10)
  map.set(0, 'used')
  map.set(1, 'unused')
  for (let key = 2; key < 100; key++) {
    map.set(key, 'new')
    expect(map.get(0)).toBe('used')
  }
  expect(map.get(1)).toBeUndefined()
  expect(map.get(99)).toBe('new')
})

test('never holds more than it may, and always the half that was used last', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 200 }), (keys) => {
      const map = new RecentMap<number, number>(8)
      for (const key of keys) if (map.get(key) === undefined) map.set(key, key)
      expect(map.size).toBeLessThanOrEqual(8)
      const lastUsed = [...new Set(keys.toReversed())].slice(0, 4)
      for (const key of lastUsed) expect(map.get(key)).toBe(key)
    }),
  )
})
