import { expect, test } from 'vitest'
import { INITIAL_PLAYBACK } from '../playback/playback-state.ts'
import type { AdPosition } from './ad-position.ts'
import { adLabel, breakStarted, countdown, insertObstacle } from './ad-words.ts'

const FIRST_OF_TWO: AdPosition = {
  breakId: 'abc',
  breakDurationMs: 30_000,
  podLength: 2,
  podIndex: 1,
  title: '',
  leftMs: 6400,
}

test.each([
  [FIRST_OF_TWO, 'Ad 1 of 2 · 0:07'],
  [{ ...FIRST_OF_TWO, podLength: 1 }, 'Ad · 0:07'],
  [{ ...FIRST_OF_TWO, podIndex: undefined }, 'Ad break · 0:07'],
  [{ ...FIRST_OF_TWO, leftMs: undefined }, 'Ad 1 of 2'],
])('the mark for %j is "%s"', (position, label) => {
  expect(adLabel(position)).toBe(label)
})

test.each([
  [0, '0:00'],
  [1, '0:01'],
  [59_001, '1:00'],
  [300_000, '5:00'],
])('%i ms count down as %s', (leftMs, text) => {
  expect(countdown(leftMs)).toBe(text)
})

test.each([
  [FIRST_OF_TWO, 'Ad break started, 2 ads, 0:30'],
  [{ ...FIRST_OF_TWO, podLength: 1, breakDurationMs: undefined }, 'Ad break started, 1 ad'],
  [{ ...FIRST_OF_TWO, podLength: 0 }, 'Ad break started, 0:30'],
])('the event line for %j is "%s"', (position, line) => {
  expect(breakStarted(position)).toBe(line)
})

test('a break needs an ad configuration and a live stream, but no picture on this page', () => {
  const refused = { phase: 'refused', run: 1, attempt: 0, tokenTried: false } as const
  expect(insertObstacle(false, refused)).toBe('This channel has no ad configuration.')
  expect(insertObstacle(true, INITIAL_PLAYBACK)).toBe('The channel is not live.')
  expect(insertObstacle(true, refused)).toBeUndefined()
})
