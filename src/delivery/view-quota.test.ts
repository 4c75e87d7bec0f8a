import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { ViewQuota, type ViewQuotaBreach } from './view-quota.ts'

function startQuota(counts: { total: number; account: number }): {
  clock: ManualClock
  quota: ViewQuota
  breaches: ViewQuotaBreach[]
} {
  const clock = new ManualClock()
  const breaches: ViewQuotaBreach[] = []
  const views = {
    get total(): number {
      return counts.total
    },
    ofAccount: () => counts.account,
  }
  const onBreach = (breach: ViewQuotaBreach): void => void breaches.push(breach)
  return {
    clock,
    breaches,
    quota: new ViewQuota({ views, onBreach, clock, maxPerAccount: 10, maxTotal: 15 }),
  }
}

test('an account at its quota is full, and the breach is told once a minute', () => {
  const { clock, quota, breaches } = startQuota({ total: 10, account: 10 })
  expect([quota.isFull('a'), quota.isFull('a')]).toEqual([true, true])
  expect(breaches).toEqual([{ accountId: 'a', timeMs: clock.nowMs(), limit: 10, exceededBy: 1 }])
  clock.advance(60_000)
  quota.isFull('a')
  quota.isFull('b')
  expect(breaches.map((breach) => breach.accountId)).toEqual(['a', 'a', 'b'])
})

test('below the quota an account is full only when the server is, which breaches nothing of the account', () => {
  const counts = { total: 14, account: 9 }
  const { quota, breaches } = startQuota(counts)
  expect(quota.isFull('a')).toBe(false)
  counts.total = 15
  expect(quota.isFull('a')).toBe(true)
  expect(breaches).toEqual([])
})
