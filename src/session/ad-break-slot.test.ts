import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { AdBreakSlot } from './ad-break-slot.ts'

test('has room for one break at a time, from its announcement to its end', () => {
  const clock = new ManualClock()
  const slot = new AdBreakSlot(clock, 8000)
  const first = slot.take(30)
  expect(first).toEqual({
    id: expect.stringMatching(/^[a-zA-Z0-9]{12}$/) as string,
    rollType: 'MIDROLL',
    durationSeconds: 30,
    insertedAtMs: clock.nowMs(),
    targetStartMs: clock.nowMs() + 8000,
    endsAtMs: clock.nowMs() + 38_000,
  })
  clock.advance(37_999)
  expect(slot.take(1)).toBeUndefined()
  clock.advance(1)
  expect(slot.take(1)?.id).not.toBe(first?.id)
})
