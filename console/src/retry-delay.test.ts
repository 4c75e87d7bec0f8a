import { expect, test } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

test('waits longer with each attempt, up to eight seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 1000].map((attempt) => retryDelayMs(attempt, 0))).toEqual([
    1500, 2250, 3375, 5063, 7594, 8000, 8000,
  ])
})

test('shortens the wait by at most a fifth', () => {
  expect(retryDelayMs(0, 0.5)).toBe(1350)
  expect(retryDelayMs(0, 1)).toBe(1200)
})
