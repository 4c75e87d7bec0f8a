import { expect, test } from 'vitest'
import { avcLevelIdc } from './avc-level.ts'

const RUNGS = [
  { width: 284, height: 160, frameRate: 30, bitrateBps: 270_000, level: 12 },
  { width: 640, height: 360, frameRate: 30, bitrateBps: 700_000, level: 30 },
  { width: 852, height: 480, frameRate: 30, bitrateBps: 1_400_000, level: 31 },
  { width: 1280, height: 720, frameRate: 30, bitrateBps: 2_400_000, level: 31 },
  { width: 1280, height: 720, frameRate: 30.003, bitrateBps: 2_400_000, level: 31 },
  { width: 1280, height: 720, frameRate: 60, bitrateBps: 3_400_000, level: 32 },
  { width: 720, height: 1280, frameRate: 60, bitrateBps: 3_400_000, level: 32 },
  { width: 1920, height: 1080, frameRate: 60, bitrateBps: 8_500_000, level: 42 },
  { width: 64, height: 64, frameRate: 5, bitrateBps: 500_000, level: 13 },
  { width: 16, height: 1920, frameRate: 5, bitrateBps: 60_000, level: 31 },
  { width: 16_384, height: 16_384, frameRate: 60, bitrateBps: 1, level: 52 },
] as const

test.each(RUNGS)(
  '$width x $height at $frameRate with $bitrateBps bps is level $level (H.264 Table A-1)',
  (rung) => {
    expect(avcLevelIdc(rung)).toBe(rung.level)
  },
)
