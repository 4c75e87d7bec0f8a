import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { inSteps } from './in-steps.ts'

test('many items come in order, 250 every ten milliseconds', () => {
  const clock = new ManualClock()
  const items = Array.from({ length: 600 }, (_, index) => index)
  const done: number[] = []
  inSteps(items, clock, (item) => done.push(item))
  expect(done).toHaveLength(250)
  clock.advance(10)
  expect(done).toHaveLength(500)
  clock.advance(10)
  expect(done).toEqual(items)
  expect(clock.pendingTimers).toBe(0)
})
