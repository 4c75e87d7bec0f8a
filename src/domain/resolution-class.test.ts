import { expect, test } from 'vitest'
import { isWithinResolution, resolutionClassOf } from './resolution-class.ts'

test.each([
  [64, 64, 'LOWEST_RESOLUTION'],
  [640, 360, 'LOWEST_RESOLUTION'],
  [642, 362, 'SD'],
  [852, 480, 'SD'],
  [480, 852, 'SD'],
  [856, 482, 'HD'],
  [720, 1280, 'HD'],
  [1284, 722, 'FULL_HD'],
  [1080, 1920, 'FULL_HD'],
  [2560, 1440, undefined],
] as const)('puts %d x %d into %s (§2.4)', (width, height, expected) => {
  expect(resolutionClassOf(width, height)).toBe(expected)
})

test('holds a picture against the largest that is allowed', () => {
  expect(isWithinResolution('SD', 852, 480)).toBe(true)
  expect(isWithinResolution('SD', 1280, 720)).toBe(false)
  expect(isWithinResolution('HD', 720, 1280)).toBe(true)
  expect(isWithinResolution('FULL_HD', 2560, 1440)).toBe(false)
})
