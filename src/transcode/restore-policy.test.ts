import { describe, expect, test } from 'vitest'
import { RestorePolicy } from './restore-policy.ts'

const MINUTE_MS = 60_000

/** How long it takes from `fromMs` until a rung may come back, looked at each second. */
function calmMs(policy: RestorePolicy, fromMs: number, lagMs: (atMs: number) => number = () => 80): number {
  for (let atMs = fromMs; atMs < fromMs + 120 * MINUTE_MS; atMs += 1000) {
    if (policy.isDue(atMs, lagMs(atMs))) return atMs - fromMs
  }
  return Infinity
}

describe('a rung that was given up is made again', () => {
  test('after two minutes without lag', () => {
    const policy = new RestorePolicy()
    policy.noteShed(0)
    expect(calmMs(policy, 0)).toBe(2 * MINUTE_MS)
  })

  test('two minutes after the last lag', () => {
    const policy = new RestorePolicy()
    policy.noteShed(0)
    expect(calmMs(policy, 0, (atMs) => (atMs < MINUTE_MS ? 900 : 80))).toBe(3 * MINUTE_MS)
  })

  test('each time later, half an hour at most, when it does not stay', () => {
    const policy = new RestorePolicy()
    let nowMs = 0
    const waits = [1, 2, 3, 4, 5, 6].map(() => {
      policy.noteShed(nowMs)
      const waitMs = calmMs(policy, nowMs)
      nowMs += waitMs
      policy.noteRestored(nowMs)
      nowMs += MINUTE_MS
      return waitMs / MINUTE_MS
    })
    expect(waits).toEqual([2, 4, 8, 16, 32, 32])
  })

  test('as soon as at first when it stayed for ten minutes', () => {
    const policy = new RestorePolicy()
    policy.noteShed(0)
    policy.noteRestored(2 * MINUTE_MS)
    policy.noteShed(3 * MINUTE_MS)
    policy.noteRestored(7 * MINUTE_MS)
    policy.noteShed(17 * MINUTE_MS)
    expect(calmMs(policy, 17 * MINUTE_MS)).toBe(2 * MINUTE_MS)
  })
})

test('after one rung the next one has to wait as long', () => {
  const policy = new RestorePolicy()
  policy.noteShed(0)
  policy.noteShed(10_000)
  expect(calmMs(policy, 10_000)).toBe(2 * MINUTE_MS)
  policy.noteRestored(130_000)
  expect(calmMs(policy, 130_000)).toBe(2 * MINUTE_MS)
})
