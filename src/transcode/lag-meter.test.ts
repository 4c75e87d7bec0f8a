import { describe, expect, test } from 'vitest'
import { LagMeter } from './lag-meter.ts'

const LIMITS = [
  { windowMs: 10_000, maxLagMs: 1000 },
  { windowMs: 4000, maxLagMs: 2000 },
]

/** When a ladder is found to fall behind, with a lag for each moment; undefined when it never is. */
function behindAtMs(lagMs: (nowMs: number) => number): number | undefined {
  const meter = new LagMeter(LIMITS, 0)
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 250) {
    meter.sample(nowMs, lagMs(nowMs))
    if (meter.isBehind(nowMs)) return nowMs
  }
  return undefined
}

describe('a ladder falls behind', () => {
  test('when a moderate lag lasts for ten seconds', () => {
    expect(behindAtMs(() => 1100)).toBe(10_000)
  })

  test('when a large one lasts for four', () => {
    expect(behindAtMs(() => 3000)).toBe(4000)
    expect(behindAtMs((nowMs) => (nowMs < 9000 ? 0 : 3000))).toBe(13_000)
  })
})

test('a ladder that makes up too little is behind', () => {
  expect(behindAtMs((nowMs) => Math.max(0, 7000 - 0.1 * nowMs))).toBe(4000)
})

describe('a ladder does not fall behind', () => {
  test.each([2, 1, 0.25])(
    'while it catches up with what a new child was fed, by %d s in each second',
    (rate) => {
      expect(behindAtMs((nowMs) => Math.max(0, 7000 - rate * nowMs))).toBeUndefined()
    },
  )

  test('when it has a breath now and then', () => {
    expect(behindAtMs((nowMs) => (nowMs % 4000 === 0 ? 200 : 4000))).toBeUndefined()
  })

  test('with a lag that players have in reserve', () => {
    expect(behindAtMs(() => 1000)).toBeUndefined()
  })
})
