import { expect, test } from 'vitest'
import { backOffMs } from './back-off.ts'

test('doubles from one second to five minutes', () => {
  const pauses = [1, 2, 3, 8, 9, 10, 1000].map((attempts) => backOffMs(attempts, 0.5))
  expect(pauses).toEqual([1000, 2000, 4000, 128_000, 256_000, 300_000, 300_000])
})

test('differs by up to a fifth either way', () => {
  expect(backOffMs(1, 0)).toBe(800)
  expect(backOffMs(1, 0.999_999)).toBe(1200)
})
