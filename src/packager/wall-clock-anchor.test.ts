import { expect, test } from 'vitest'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { WallClockAnchor } from './wall-clock-anchor.ts'

const START_MS = 1_700_000_000_000
const seconds = (count: number): number => count * MEDIA_TIMESCALE

test('a burst after a slow connect does not make media look younger than it is', () => {
  const anchor = new WallClockAnchor()
  // Half a second of pictures waited in the encoder and arrives at once; the rest comes in real time.
  for (const mediaMs of [0, 100, 200, 300, 400, 500]) {
    anchor.learn((mediaMs * MEDIA_TIMESCALE) / 1000, START_MS + 500)
  }
  anchor.learn(seconds(1), START_MS + 1000)
  expect(anchor.wallClockMs(0)).toBe(START_MS)
})

test('one late picture before the first segment is out moves nothing', () => {
  const anchor = new WallClockAnchor()
  anchor.learn(0, START_MS)
  anchor.learn(seconds(1), START_MS + 1800)
  expect(anchor.wallClockMs(seconds(1))).toBe(START_MS + 1000)
})

test('a late keyframe moves the map by a millisecond for each second of media', () => {
  const anchor = new WallClockAnchor()
  anchor.learn(0, START_MS)
  anchor.observe(seconds(2), START_MS + 2900)
  expect(anchor.wallClockMs(seconds(2))).toBe(START_MS + 2002)
})

test('an encoder clock that drifts slowly is followed in both directions', () => {
  for (const driftMsPerKeyframe of [1, -1]) {
    const anchor = new WallClockAnchor()
    anchor.learn(0, START_MS)
    let arrivalMs = START_MS
    for (let keyframe = 1; keyframe <= 100; keyframe++) {
      arrivalMs += 2000 + driftMsPerKeyframe
      anchor.observe(seconds(2 * keyframe), arrivalMs)
    }
    expect(anchor.wallClockMs(seconds(200))).toBe(arrivalMs)
  }
})
