import { describe, expect, test } from 'vitest'
import type { AccessUnit } from '../media/access-unit.ts'
import { SAMPLE_AUDIO } from '../../test/harness/media/sample-tracks.ts'
import { TrackDelivery } from './track-delivery.ts'

const FRAME_MS = 1024 / 48
const FRAME_TICKS = 1920

/** A delivery of sound and what it handed out. */
function deliverSound(): { readonly delivery: TrackDelivery; readonly delivered: AccessUnit[] } {
  const delivered: AccessUnit[] = []
  const delivery = new TrackDelivery({
    track: { kind: 'audio', bitrateBps: 96_000, rungs: ['160p30'] },
    sinks: [{ onTrack: () => undefined, onUnit: (unit) => delivered.push(unit), onEnd: () => undefined }],
    pictures: { resolve: () => undefined },
    captions: { between: () => new Uint8Array() },
  })
  delivery.onTrack(SAMPLE_AUDIO)
  return { delivery, delivered }
}

/** A frame as a child gives it, in whole milliseconds. */
function frame(timeMs: number): AccessUnit {
  const ticks = Math.round(timeMs) * 90
  return { kind: 'audio', dtsTicks: ticks, ptsTicks: ticks, keyframe: true, data: new Uint8Array([1]) }
}

describe('sound', () => {
  test('of a child lies frame on frame, however its times were rounded', () => {
    const { delivery, delivered } = deliverSound()
    for (let index = 0; index < 1000; index++) delivery.onUnit(frame(1000 + index * FRAME_MS))
    expect(delivered.map(({ ptsTicks }) => ptsTicks)).toEqual(
      delivered.map((_, index) => 90_000 + index * FRAME_TICKS),
    )
  })

  test('of a new child goes on where that before it stopped, and comes to lie where it belongs', () => {
    const { delivery, delivered } = deliverSound()
    for (let index = 0; index < 100; index++) delivery.onUnit(frame(1000 + index * FRAME_MS))
    const endMs = 1000 + 100 * FRAME_MS
    expect(delivery.resume?.fromMs).toBeCloseTo(endMs - FRAME_MS / 2 - 500)
    // Its frames begin at other samples: the first ones were delivered, one reaches over the seam.
    const startMs = endMs - 24 * FRAME_MS + 9
    const taken = Array.from({ length: 600 }, (_, index) =>
      delivery.onUnit(frame(startMs + index * FRAME_MS)),
    )
    expect(taken.indexOf(true)).toBe(24)
    expect(taken.lastIndexOf(false)).toBe(23)
    const steps = delivered
      .slice(1)
      .map(({ ptsTicks }, index) => ptsTicks - (delivered[index]?.ptsTicks ?? NaN))
    for (const step of steps) expect(Math.abs(step - FRAME_TICKS)).toBeLessThan(FRAME_TICKS * 0.006)
    const newest = delivered.at(-1)?.ptsTicks ?? NaN
    expect(Math.abs(newest / 90 - (startMs + 599 * FRAME_MS))).toBeLessThan(3)
  })

  test('that is late by more than half a frame leaves a hole', () => {
    const { delivery, delivered } = deliverSound()
    for (const timeMs of [1000, 1021, 1043, 1100]) delivery.onUnit(frame(timeMs))
    expect(delivered.map(({ ptsTicks }) => ptsTicks)).toEqual([90_000, 91_920, 93_840, 99_000])
  })
})
