import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairShares } from './fair-shares.ts'

function takeAll(shares: FairShares, key: string): number {
  let taken = 0
  while (shares.take(key)) taken++
  return taken
}

test('one who comes alone gets what was promised, and the next ones still find places', () => {
  const shares = new FairShares(512)
  expect(takeAll(shares, 'hangs')).toBe(512)
  expect(takeAll(shares, 'hangs too')).toBe(256)
  expect(takeAll(shares, 'third')).toBe(128)
  expect(shares.inAll).toBe(896)
})

test('a place that is given back can be taken again', () => {
  const shares = new FairShares(1)
  expect([shares.take('a'), shares.take('a')]).toEqual([true, false])
  shares.giveBack('a')
  shares.giveBack('a')
  expect([shares.inAll, shares.take('a')]).toEqual([0, true])
})

test('whatever the others do, up to nine of them never take the last place', () => {
  const steps = fc.array(fc.record({ key: fc.integer({ min: 0, max: 8 }), isTaken: fc.boolean() }), {
    maxLength: 2000,
  })
  fc.assert(
    fc.property(steps, (all) => {
      const shares = new FairShares(512)
      for (const { key, isTaken } of all) {
        if (isTaken) shares.take(String(key))
        else shares.giveBack(String(key))
      }
      expect(shares.take('another')).toBe(true)
    }),
    { numRuns: 50 },
  )
})
