import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { AdBreakSlot } from './ad-break-slot.ts'

test('has room for one break at a time, for as long as it lasts', () => {
  const clock = new ManualClock()
  const slot = new AdBreakSlot(clock)
  const first = slot.take(30)
  expect(first).toEqual({
    id: expect.stringMatching(/^[a-zA-Z0-9]{12}$/) as string,
    durationSeconds: 30,
    insertedAtMs: clock.nowMs(),
    endsAtMs: clock.nowMs() + 30_000,
  })
  clock.advance(29_999)
  expect(slot.take(1)).toBeUndefined()
  clock.advance(1)
  expect(slot.take(1)?.id).not.toBe(first?.id)
})
