import { expect, test } from 'vitest'
import { avcLevelName, avcProfileName } from './avc-profile.ts'

test.each([
  [0x42, 'Baseline'],
  [0x4d, 'Main'],
  [0x64, 'High'],
  [0xf4, 'High 4:4:4 Predictive'],
  [1, '1'],
])('names profile %i %s (H.264 §A.2)', (profileIdc, name) => {
  expect(avcProfileName({ profileIdc })).toBe(name)
})

test.each([
  [66, 0xc0, 40, '4.0'],
  [66, 0xc0, 42, '4.2'],
  [100, 0, 51, '5.1'],
  [66, 0xd0, 11, '1b'],
  [66, 0xc0, 11, '1.1'],
  [100, 0, 9, '1b'],
])('names level (%i, %i, %i) %s (H.264 §A.3)', (profileIdc, constraintFlags, levelIdc, name) => {
  expect(avcLevelName({ profileIdc, constraintFlags, levelIdc })).toBe(name)
})
