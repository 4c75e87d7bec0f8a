import { expect, test } from 'vitest'
import { boundaryAfter } from './content-grid.ts'

const NEWEST = { msn: 7, startTicks: 0, elapsedTicks: 0, programDateTimeMs: 10_000, discontinuity: false }
const [TWO_SECONDS, OF_2002_MS] = [180_000, 180_180]

test.each([
  ['the newest segment itself, at its beginning', TWO_SECONDS, 10_000, 10_000],
  ['the next one, shortly after it', TWO_SECONDS, 10_003, 12_000],
  ['one that begins at that time', TWO_SECONDS, 18_000, 18_000],
  ['one that begins a rounding before', TWO_SECONDS, 18_001, 18_000],
  ['the newest segment, when it began later', TWO_SECONDS, 9000, 10_000],
  ['one of segments that are no whole seconds', OF_2002_MS, 18_001, 18_008],
])('the boundary for a break is %s', (_, expectedTicks, wallMs, expected) => {
  expect(boundaryAfter({ ...NEWEST, expectedTicks }, wallMs)).toBe(expected)
})
