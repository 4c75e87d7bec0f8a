import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { createThrottle, MAX_BUCKETS, noThrottle } from './throttle.ts'
import type { Throttle } from './throttle.ts'

const RATES = { GetChannel: 5, InsertAdBreak: 1 }

function start(): { throttle: Throttle; clock: ManualClock } {
  const clock = new ManualClock()
  return { throttle: createThrottle(RATES, clock), clock }
}

const allowedOf = (calls: number, throttle: Throttle, rateName: string, owner: string): number =>
  Array.from({ length: calls }).filter(() => {
    try {
      throttle(rateName, owner)
      return true
    } catch {
      return false
    }
  }).length

test('lets one second of calls through at once, and refuses the next one by name', () => {
  const { throttle } = start()
  expect(allowedOf(5, throttle, 'GetChannel', 'a')).toBe(5)
  expect(() => throttle('GetChannel', 'a')).toThrow(
    expect.objectContaining({
      code: 'CALL_RATE_EXCEEDED',
      message: 'more than 5 calls per second of GetChannel; try again with growing pauses',
    }),
  )
})

test('fills evenly, and holds no more than one second', () => {
  const { throttle, clock } = start()
  allowedOf(5, throttle, 'GetChannel', 'a')
  clock.advance(199)
  expect(allowedOf(1, throttle, 'GetChannel', 'a')).toBe(0)
  clock.advance(1)
  expect(allowedOf(2, throttle, 'GetChannel', 'a')).toBe(1)
  clock.advance(3_600_000)
  expect(allowedOf(10, throttle, 'GetChannel', 'a')).toBe(5)
})

test('a caller that never stops still gets the rate', () => {
  const { throttle, clock } = start()
  let allowed = 0
  for (let step = 0; step < 1000; step++) {
    clock.advance(10)
    allowed += allowedOf(1, throttle, 'GetChannel', 'a')
  }
  expect(allowed).toBeGreaterThanOrEqual(53)
  expect(allowed).toBeLessThanOrEqual(55)
})

test('owners and rates have a bucket each', () => {
  const { throttle } = start()
  expect(allowedOf(9, throttle, 'GetChannel', 'a')).toBe(5)
  expect(allowedOf(9, throttle, 'GetChannel', 'b')).toBe(5)
  expect(allowedOf(9, throttle, 'InsertAdBreak', 'a')).toBe(1)
})

test('a rate that is not there is no limit', () => {
  const { throttle } = start()
  expect(allowedOf(1000, throttle, 'toString', 'a')).toBe(1000)
  expect(allowedOf(1000, noThrottle, 'GetChannel', 'a')).toBe(1000)
})

test('forgets the owner longest unused when there are too many, and no other', () => {
  const { throttle } = start()
  for (const owner of ['first', 'second']) allowedOf(5, throttle, 'GetChannel', owner)
  // Using it again makes it the younger one.
  expect(allowedOf(1, throttle, 'GetChannel', 'first')).toBe(0)
  for (let other = 0; other < MAX_BUCKETS - 1; other++) throttle('GetChannel', String(other))
  expect(allowedOf(1, throttle, 'GetChannel', 'first')).toBe(0)
  expect(allowedOf(1, throttle, 'GetChannel', 'second')).toBe(1)
})
