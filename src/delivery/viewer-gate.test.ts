import { expect, test } from 'vitest'
import type { RenditionDescription } from '../domain/live.ts'
import { isRenditionAllowed } from './viewer-gate.ts'

function renditionOf(size: { width: number; height: number } | undefined): {
  description: () => RenditionDescription | undefined
} {
  const rest = { codecs: [], frameRate: 30, peakBitrateBps: 1, averageBitrateBps: 1 }
  return { description: () => size && { ...rest, ...size } }
}

test.each([
  { width: 852, height: 480, maximum: 'SD', allowed: true },
  { width: 480, height: 852, maximum: 'SD', allowed: true },
  { width: 1280, height: 720, maximum: 'SD', allowed: false },
  { width: 720, height: 1280, maximum: 'SD', allowed: false },
  { width: 1280, height: 720, maximum: 'HD', allowed: true },
  { width: 1920, height: 1080, maximum: 'HD', allowed: false },
  { width: 1920, height: 1080, maximum: 'FULL_HD', allowed: true },
  { width: 3840, height: 2160, maximum: 'FULL_HD', allowed: false },
  { width: 3840, height: 2160, maximum: undefined, allowed: true },
] as const)('$width × $height within $maximum: $allowed', ({ maximum, allowed, ...size }) => {
  expect(isRenditionAllowed(renditionOf(size), maximum)).toBe(allowed)
})

test('a rendition of which nothing is known yet is kept from viewers with a maximum', () => {
  expect(isRenditionAllowed(renditionOf(undefined), 'FULL_HD')).toBe(false)
  expect(isRenditionAllowed(renditionOf(undefined), undefined)).toBe(true)
})
