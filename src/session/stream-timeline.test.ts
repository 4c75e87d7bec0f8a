import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessUnit } from '../media/access-unit.ts'
import { ORIGIN_TICKS, StreamTimeline } from './stream-timeline.ts'

function unit(kind: 'video' | 'audio', dtsMs: number, compositionMs = 0): AccessUnit {
  const dtsTicks = dtsMs * 90
  return {
    kind,
    dtsTicks,
    ptsTicks: dtsTicks + compositionMs * 90,
    keyframe: kind === 'audio',
    data: new Uint8Array(),
  }
}

const STEREO_441 = { sampleRate: 44_100, samplesPerFrame: 1024 }

describe('a publisher with a steady clock', () => {
  test('starts at the origin and keeps distances and composition offsets', () => {
    const timeline = new StreamTimeline()
    const placed = [5000, 5033, 5067].map((ms, i) => timeline.place(unit('video', ms, 66), i * 33))
    expect(placed.map((u) => (u?.dtsTicks ?? 0) - ORIGIN_TICKS)).toEqual([0, 33 * 90, 67 * 90])
    expect(placed.map((u) => (u?.ptsTicks ?? 0) - (u?.dtsTicks ?? 0))).toEqual([5940, 5940, 5940])
  })

  test('gives every picture a time of its own', () => {
    const timeline = new StreamTimeline()
    const placed = [0, 0, 0].map((ms) => timeline.place(unit('video', ms), 0)?.dtsTicks)
    expect(placed).toEqual([ORIGIN_TICKS, ORIGIN_TICKS + 1, ORIGIN_TICKS + 2])
  })

  test('keeps a real pause', () => {
    const timeline = new StreamTimeline()
    timeline.place(unit('video', 0), 0)
    const after = timeline.place(unit('video', 20_000), 20_000)
    expect(after?.dtsTicks).toBe(ORIGIN_TICKS + 20_000 * 90)
    expect(timeline.jumps).toBe(0)
  })

  test('accepts a burst that arrives faster than it plays', () => {
    const timeline = new StreamTimeline()
    for (let i = 0; i < 1000; i++) timeline.place(unit('video', i * 33), i)
    expect(timeline.jumps).toBe(0)
  })
})

describe('a publisher whose clock jumps', () => {
  test.each([
    { name: 'back to zero', toMs: 0 },
    { name: 'far ahead', toMs: 100_000_000 },
    { name: 'a little back', toMs: 9_500 },
  ])('goes on after the time that passed when the clock jumps $name', ({ toMs }) => {
    const timeline = new StreamTimeline()
    timeline.place(unit('video', 10_000), 1000)
    const after = timeline.place(unit('video', toMs), 1500)
    const audio = timeline.place(unit('audio', toMs + 10), 1500)
    expect(after?.dtsTicks).toBe(ORIGIN_TICKS + 500 * 90)
    expect(audio?.dtsTicks).toBe(ORIGIN_TICKS + 510 * 90)
    expect(timeline.jumps).toBe(1)
  })

  test('never runs backwards within a kind, whatever arrives', () => {
    const arrival = fc.record({
      kind: fc.constantFrom('video' as const, 'audio' as const),
      dtsMs: fc.integer({ min: 0, max: 2 ** 40 }),
      waitMs: fc.integer({ min: 0, max: 60_000 }),
    })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 200 }), fc.boolean(), (arrivals, hasGrid) => {
        const timeline = new StreamTimeline()
        if (hasGrid) timeline.setAudioGrid(STEREO_441)
        const newest = { video: -1, audio: -1 }
        let nowMs = 0
        for (const { kind, dtsMs, waitMs } of arrivals) {
          nowMs += waitMs
          const placed = timeline.place(unit(kind, dtsMs), nowMs)
          if (!placed) continue
          expect(Number.isSafeInteger(placed.dtsTicks)).toBe(true)
          if (kind === 'video' || hasGrid) expect(placed.dtsTicks).toBeGreaterThan(newest[kind])
          newest[kind] = placed.dtsTicks
        }
      }),
    )
  })
})

describe('audio', () => {
  test('gets its sample grid back from times rounded to milliseconds', () => {
    const timeline = new StreamTimeline()
    timeline.setAudioGrid(STEREO_441)
    const samples: number[] = []
    for (let i = 0; i < 5000; i++) {
      const roundedMs = Math.round((i * 1024 * 1000) / 44_100)
      const placed = timeline.place(unit('audio', roundedMs), roundedMs)
      samples.push(Math.round(((placed?.dtsTicks ?? 0) * 44_100) / 90_000))
    }
    const steps = new Set(samples.slice(1).map((sample, i) => sample - (samples[i] ?? 0)))
    expect([...steps]).toEqual([1024])
  })

  test('stays with the pictures of a clip that begins anew with a little silence, and is never interrupted', () => {
    const timeline = new StreamTimeline()
    timeline.setAudioGrid(STEREO_441)
    const clipMs = 10_000
    const frameMs = (1024 * 1000) / 44_100
    const framesOfClip = Math.floor(clipMs / frameMs)
    let beforeTicks: number | undefined
    for (let index = 0; index < 12 * framesOfClip; index++) {
      const loop = Math.floor(index / framesOfClip)
      const startMs = loop * clipMs
      if (index % framesOfClip === 0) timeline.place(unit('video', startMs), startMs)
      const soundMs = startMs + (index - loop * framesOfClip) * frameMs
      const ticks = timeline.place(unit('audio', Math.round(soundMs)), soundMs)?.dtsTicks ?? NaN
      expect(Math.abs(ticks - ORIGIN_TICKS - soundMs * 90)).toBeLessThan(frameMs * 90)
      expect(Math.abs(ticks - (beforeTicks ?? ticks - frameMs * 90) - frameMs * 90)).toBeLessThan(
        0.01 * frameMs * 90,
      )
      beforeTicks = ticks
    }
  })

  test('leaves a hole where frames are missing and goes on at their true place', () => {
    const timeline = new StreamTimeline()
    timeline.setAudioGrid({ sampleRate: 48_000, samplesPerFrame: 1024 })
    timeline.place(unit('audio', 0), 0)
    const after = timeline.place(unit('audio', 500), 500)
    expect(Math.abs((after?.dtsTicks ?? 0) - ORIGIN_TICKS - 45_000)).toBeLessThan(2)
  })

  test('leaves out surplus frames instead of drifting away from the picture', () => {
    const timeline = new StreamTimeline()
    timeline.setAudioGrid({ sampleRate: 48_000, samplesPerFrame: 1024 })
    // Frames of 21.3 ms stamped every 20 ms for a minute.
    let newest = 0
    for (let ms = 0; ms < 60_000; ms += 20) newest = timeline.place(unit('audio', ms), ms)?.dtsTicks ?? newest
    expect(Math.abs(newest - ORIGIN_TICKS - 60_000 * 90)).toBeLessThan(60 * 90)
  })
})
