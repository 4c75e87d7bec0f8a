import { expect, test } from 'vitest'
import { RestartPolicy, type Death } from './restart-policy.ts'

const QUICK: Death = { livedMs: 100, progressed: true, killedFromOutside: false }

test('deaths in a row are followed by growing pauses, thirty seconds at most', () => {
  const policy = new RestartPolicy()
  const pauses = Array.from({ length: 11 }, () => policy.judge(QUICK).afterMs)
  expect(pauses).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test('thirty seconds of health begin anew', () => {
  const policy = new RestartPolicy()
  for (let i = 0; i < 5; i++) policy.judge(QUICK)
  expect(policy.judge({ ...QUICK, livedMs: 30_000 }).afterMs).toBe(0)
  expect(policy.judge(QUICK).afterMs).toBe(250)
})

test('input is skipped when two children died at it, not when they got on or were killed from outside', () => {
  const policy = new RestartPolicy()
  expect(policy.judge({ ...QUICK, progressed: false }).skipInput).toBe(false)
  expect(policy.judge({ ...QUICK, progressed: false }).skipInput).toBe(true)
  expect(policy.judge(QUICK).skipInput).toBe(false)
  expect(policy.judge({ ...QUICK, progressed: false, killedFromOutside: true }).skipInput).toBe(false)
})
