import { expect, test } from 'vitest'
import { remainingQuartersMs } from './ad-break.ts'

const AD_BREAK = { durationSeconds: 60, endsAtMs: 1_767_225_660_000 }

test.each([
  { leftSeconds: 60, wantSeconds: 60 },
  { leftSeconds: 46, wantSeconds: 60 },
  { leftSeconds: 45, wantSeconds: 45 },
  { leftSeconds: 35, wantSeconds: 45 },
  { leftSeconds: 1, wantSeconds: 15 },
  { leftSeconds: 0, wantSeconds: 0 },
  { leftSeconds: -5, wantSeconds: 0 },
])('of 60 s with $leftSeconds s left, a late joiner gets $wantSeconds s (reference ssai §1.6)', (row) => {
  const nowMs = AD_BREAK.endsAtMs - row.leftSeconds * 1000
  expect(remainingQuartersMs(AD_BREAK, nowMs)).toBe(row.wantSeconds * 1000)
})
