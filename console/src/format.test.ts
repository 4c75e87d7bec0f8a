import { describe, expect, test } from 'vitest'
import {
  formatBitrate,
  formatFrameRate,
  formatLength,
  formatLevel,
  formatMoment,
  formatPicture,
  formatRendition,
  formatSeconds,
} from './format.ts'

describe('formatSeconds', () => {
  test.each([
    [1.44, '1.4 s'],
    [0, '0.0 s'],
    [-0.2, '0.0 s'],
    [12.96, '13.0 s'],
    [undefined, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('prints %s as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})

describe('formatBitrate', () => {
  test.each([
    [3_422_999, '3.4 Mbps'],
    [1_000_000, '1.0 Mbps'],
    [630_400, '630 kbps'],
    [0, '–'],
    [undefined, '–'],
  ])('prints %s as %s', (bitrateBps, text) => {
    expect(formatBitrate(bitrateBps)).toBe(text)
  })
})

describe('formatPicture', () => {
  test.each([
    [{ width: 1280, height: 720 }, '1280×720'],
    [{ width: 0, height: 0 }, '–'],
  ])('prints %j as %s', (picture, text) => {
    expect(formatPicture(picture)).toBe(text)
  })
})

describe('formatFrameRate', () => {
  test.each([
    [30, '30 fps'],
    [30_000 / 1001, '29.97 fps'],
    [0, ''],
    [undefined, ''],
  ])('prints %s as "%s"', (frameRate, text) => {
    expect(formatFrameRate(frameRate)).toBe(text)
  })
})

describe('formatLevel', () => {
  test.each([
    [{ index: 1, count: 4 }, 'level 2 of 4'],
    [{ index: 0, count: 1 }, ''],
    [{ index: -1, count: 4 }, ''],
    [undefined, ''],
  ])('prints %j as "%s"', (level, text) => {
    expect(formatLevel(level)).toBe(text)
  })
})

describe('formatRendition', () => {
  test.each([
    [{ width: 1920, height: 1080, frameRate: 60 }, '1080p60'],
    [{ width: 1920, height: 1080, frameRate: 60_000 / 1001 }, '1080p60'],
    [{ width: 852, height: 480, frameRate: 30 }, '480p'],
    [{ width: 720, height: 1280, frameRate: 25 }, '720p'],
    [{ width: 640, height: 360, frameRate: 0 }, '360p'],
    [{ width: 0, height: 0, frameRate: 0 }, 'Audio only'],
  ])('names %j %s', (rendition, text) => {
    expect(formatRendition(rendition)).toBe(text)
  })
})

describe('formatLength', () => {
  test.each([
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [65, '1 min 5 s'],
    [3725, '1 h 2 min'],
  ])('prints %s s as "%s"', (seconds, text) => {
    expect(formatLength(seconds)).toBe(text)
  })
})

test('a moment of another day has its day', () => {
  const at = new Date(2026, 1, 5, 13, 3, 8)
  expect(formatMoment(at.getTime(), at.getTime() + 1000, 'en-GB')).toBe('13:03:08')
  expect(formatMoment(at.getTime(), at.getTime() + 86_400_000, 'en-GB')).toBe('5 Feb, 13:03:08')
})
