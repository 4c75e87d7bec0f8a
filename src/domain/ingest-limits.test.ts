import { expect, test } from 'vitest'
import {
  DEFAULT_INGEST_LIMITS as LIMITS,
  bitrateBreach,
  bitrateLimitBps,
  breachDetail,
  breachText,
  broadcastsBreach,
  resolutionBreach,
} from './ingest-limits.ts'

test.each([
  ['BASIC', 852, 480, 1_500_000],
  ['BASIC', 480, 852, 1_500_000],
  ['BASIC', 856, 482, 3_500_000],
  ['BASIC', 1920, 1080, 3_500_000],
  ['STANDARD', 640, 360, 8_500_000],
  ['ADVANCED_SD', 1920, 1080, 8_500_000],
  ['ADVANCED_HD', 1920, 1080, 8_500_000],
] as const)('a %s channel takes %d x %d with %d bits a second at most (§1.3)', (type, width, height, bps) => {
  expect(bitrateLimitBps(LIMITS, type, { width, height })).toBe(bps)
})

test('until the size of a picture is known, BASIC takes what it takes of large ones', () => {
  expect(bitrateLimitBps(LIMITS, 'BASIC', undefined)).toBe(3_500_000)
})

test('sound and an uneven encoder may add a tenth to the bitrate, not more', () => {
  expect(bitrateBreach(1_500_000, 1_650_000)).toBeUndefined()
  expect(bitrateBreach(1_500_000, 1_650_001.4)).toEqual({
    name: 'Ingest Bitrate',
    limit: 1_500_000,
    value: 1_650_001,
    unit: 'bits per second',
  })
})

test.each([
  [1920, 1080, undefined],
  [1080, 1920, undefined],
  [1920, 1088, undefined],
  [1448, 1448, undefined],
  [1450, 1450, { limit: 2_100_000, value: 2_102_500, unit: 'total pixels' }],
  [2560, 1440, { limit: 2_100_000, value: 3_686_400, unit: 'total pixels' }],
  [1922, 800, { limit: 1920, value: 1922, unit: 'pixels per edge' }],
  [720, 2560, { limit: 1920, value: 2560, unit: 'pixels per edge' }],
] as const)('of %d x %d is said: %j (§1.3)', (width, height, breach) => {
  expect(resolutionBreach(LIMITS, { width, height })).toEqual(
    breach && { name: 'Ingest Resolution', ...breach },
  )
})

test('one broadcast more than an account may have is a breach (§1.3)', () => {
  expect(broadcastsBreach(100, 99)).toBeUndefined()
  expect(broadcastsBreach(100, 100)).toMatchObject({ limit: 100, value: 101, unit: 'active streams' })
})

test('a breach is told with the excess over the limit (§11)', () => {
  const breach = resolutionBreach({ ...LIMITS, totalPixels: 495_000 }, { width: 1280, height: 720 })
  expect(breach && breachDetail(breach)).toEqual({
    limit_name: 'Ingest Resolution',
    limit_value: 495_000,
    exceeded_by: 426_600,
    limit_unit: 'total pixels',
  })
  expect(breach && breachText(breach)).toBe(
    'Ingest Resolution is 921600 total pixels, above the limit of 495000.',
  )
})
