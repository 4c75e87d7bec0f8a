import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { podFor } from './creative-plan.ts'

const seconds = (breakSeconds: number): number[] => podFor(breakSeconds).map((creative) => creative.seconds)

describe('podFor', () => {
  test.each([
    [5, []],
    [10, [10]],
    [15, [15]],
    [20, [20]],
    [25, [10, 15]],
    [30, [20, 10]],
    [45, [20, 10, 15]],
    [60, [20, 10, 20, 10]],
  ])('fills a break of %i s with %j', (breakSeconds, pod) => {
    expect(seconds(breakSeconds)).toEqual(pod)
  })

  test('fills every break from ten seconds on to within five seconds, with at most 20 ads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 300 }), (breakSeconds) => {
        const pod = seconds(breakSeconds)
        const filled = pod.reduce((sum, length) => sum + length, 0)
        expect(filled).toBeGreaterThan(breakSeconds - 5)
        expect(filled).toBeLessThanOrEqual(breakSeconds)
        expect(pod.length).toBeLessThanOrEqual(20)
      }),
    )
  })

  test('stops at 20 ads for a break that no service has', () => {
    expect(podFor(100_000)).toHaveLength(20)
  })
})
