import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { ManualClock } from '../base/manual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { SOURCE_RUNG, type Rung } from '../domain/ladder.ts'
import type { LiveSegment } from '../domain/live.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'
import { SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { DropCounts } from '../domain/drops.ts'
import { StreamPackager } from './stream-packager.ts'

const SMALL = SMALL_VIDEO.avc
const LARGE = SAMPLE_VIDEO.avc
const STEREO_48K = SAMPLE_AUDIO.aac

const PASSTHROUGH = { kind: 'passthrough' } as const
const SOURCE: Rung = { name: SOURCE_RUNG, displayName: '64p30', video: PASSTHROUGH, audio: PASSTHROUGH }

function setUp(
  options: { container?: 'TS' | 'FRAGMENTED_MP4'; partMs?: number; windowSeconds?: number } = {},
) {
  const clock = new ManualClock()
  let playable = 0
  const channel = {
    ...newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, { type: 'BASIC' }),
    containerFormat: options.container ?? 'TS',
  }
  const packager = new StreamPackager({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel,
    segmentMs: 1000,
    partMs: options.partMs ?? 333,
    windowSeconds: options.windowSeconds ?? 30,
    maxWindowBytes: 64 * 1024 * 1024,
    clock,
    logger: silentLogger,
    onPlayable: () => playable++,
    onEnded: () => undefined,
  })
  packager.setLadder([SOURCE], 'source')
  packager.source.onTrack({ kind: 'video', avc: SMALL })
  const window = packager.rendition(SOURCE_RUNG)
  if (!window) throw new Error('the source has a rendition')
  return { clock, window, packager: packager.source, playable: () => playable }
}

function picture(dtsTicks: number, keyframe: boolean): AccessUnit {
  // One slice NAL: type 5 for a keyframe, 1 otherwise.
  const data = Uint8Array.from([0, 0, 0, 3, keyframe ? 0x65 : 0x41, 0x88, 0x80])
  return { kind: 'video', dtsTicks, ptsTicks: dtsTicks, keyframe, data }
}

function frame(dtsTicks: number): AccessUnit {
  return { kind: 'audio', dtsTicks, ptsTicks: dtsTicks, keyframe: true, data: Uint8Array.from([0x21, 0x10]) }
}

/** `seconds` of pictures with a keyframe every `gop` of them, from `startTicks`. */
function* pictures(seconds: number, fps: number, gop: number, startTicks = 0): Generator<AccessUnit> {
  for (let i = 0; i < seconds * fps; i++) {
    yield picture(startTicks + Math.round((i * MEDIA_TIMESCALE) / fps), i % gop === 0)
  }
}

function shape(segments: readonly LiveSegment[]): object[] {
  return segments.map((segment) => ({
    msn: segment.msn,
    ms: Math.round((segment.durationTicks * 1000) / MEDIA_TIMESCALE),
    parts: segment.parts.map((part) => Math.round((part.durationTicks * 1000) / MEDIA_TIMESCALE)),
    ...(segment.discontinuity ? { discontinuity: true } : {}),
    ...(segment.complete ? {} : { open: true }),
  }))
}

describe('cutting', () => {
  test('cuts segments at keyframes and parts at the frame count nearest to the part target', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    expect(shape(window.segments())).toEqual([
      { msn: 0, ms: 2000, parts: [333, 333, 333, 333, 333, 333] },
      { msn: 1, ms: 667, parts: [333, 333], open: true },
    ])
    expect(window.targetDurationSeconds()).toBe(2)
    expect(window.partTargetMs()).toBe(335)
  })

  test('shows nothing before the first segment is whole, then tells once that it is playable', () => {
    const { packager, window, playable } = setUp()
    const units = [...pictures(2.1, 30, 60)]
    for (const unit of units.slice(0, 60)) packager.onUnit(unit)
    expect(window.segments()).toEqual([])
    expect(playable()).toBe(0)
    for (const unit of units.slice(60)) packager.onUnit(unit)
    expect(shape(window.segments())).toMatchObject([{ msn: 0, ms: 2000 }])
    expect(playable()).toBe(1)
  })

  test('drops what comes before the first keyframe', () => {
    const { packager, window } = setUp()
    packager.onUnit(frame(0))
    packager.onUnit(picture(0, false))
    for (const unit of pictures(1.5, 30, 30, 3000)) packager.onUnit(unit)
    expect(window.segments()[0]?.parts[0]?.independent).toBe(true)
    expect(shape(window.segments())[0]).toMatchObject({ ms: 1000 })
  })

  test('joins short keyframe intervals up to the shortest segment', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(3.1, 30, 8)) packager.onUnit(unit)
    expect(shape(window.segments()).slice(0, 2)).toMatchObject([{ ms: 1067 }, { ms: 1067 }])
  })

  test('takes the keyframe interval of 29.97 fps into a target duration of two seconds', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(5, 30000 / 1001, 60)) packager.onUnit(unit)
    expect(window.targetDurationSeconds()).toBe(2)
    expect(shape(window.segments())[0]).toMatchObject({ ms: 2002 })
    expect(window.description()?.frameRate).toBe(29.97)
  })

  test('cuts long keyframe intervals inside and never exceeds the declared target duration (rfc8216bis §4.4.3.1)', () => {
    const { packager, window } = setUp({ windowSeconds: 120 })
    for (const unit of pictures(40, 30, 300)) packager.onUnit(unit)
    expect(window.targetDurationSeconds()).toBe(6)
    const whole = window.segments().filter((segment) => segment.complete)
    expect(whole.length).toBeGreaterThan(5)
    for (const segment of whole)
      expect(Math.round(segment.durationTicks / MEDIA_TIMESCALE)).toBeLessThanOrEqual(6)
    // Each keyframe still begins a segment.
    const keyframeStarts = whole.filter((segment) => segment.parts[0]?.independent)
    expect(keyframeStarts).toHaveLength(4)
  })

  test('keeps the promise of a short first interval when later ones are long', () => {
    const { packager, window } = setUp({ windowSeconds: 120 })
    const units = [...pictures(2, 30, 60), ...pictures(20, 30, 240, 2 * MEDIA_TIMESCALE)]
    for (const unit of units) packager.onUnit(unit)
    expect(window.targetDurationSeconds()).toBe(2)
    for (const segment of window.segments()) {
      expect(Math.round(segment.durationTicks / MEDIA_TIMESCALE)).toBeLessThanOrEqual(2)
    }
  })

  test('ends the last segment with the usual duration of a picture', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    packager.onEnd()
    expect(shape(window.segments())).toMatchObject([{ ms: 2000 }, { ms: 1000, parts: [333, 333, 333] }])
    expect(window.ended()).toBe(true)
  })
})

describe('breaks', () => {
  test('begins a segment with a discontinuity and a new init section when the picture size changes', () => {
    const { packager, window } = setUp({ container: 'FRAGMENTED_MP4' })
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    packager.onTrack({ kind: 'video', avc: LARGE })
    for (const unit of pictures(2, 30, 30, 3 * MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(shape(window.segments())).toMatchObject([
      { ms: 2000 },
      { ms: 1000 },
      { msn: 2, discontinuity: true, ms: 1000 },
      { msn: 3 },
    ])
    expect(window.segments().map((segment) => segment.init?.id)).toEqual([0, 0, 1, 1])
    expect(window.description()).toMatchObject({ width: 320, height: 180 })
  })

  test('ends the segment at a gap longer than the target duration and goes on at the next keyframe', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    packager.onUnit(picture(13 * MEDIA_TIMESCALE, false))
    for (const unit of pictures(1.5, 30, 30, 14 * MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(shape(window.segments())).toMatchObject([
      { ms: 2000 },
      { ms: 1000 },
      { discontinuity: true, ms: 1000 },
      { open: true },
    ])
    const [, before, after] = window.segments()
    expect((after?.programDateTimeMs ?? 0) - (before?.programDateTimeMs ?? 0)).toBeGreaterThan(10_000)
  })

  test('lets audio without pictures grow no segment past its limit', () => {
    const { packager, window } = setUp()
    packager.onTrack({ kind: 'audio', aac: STEREO_48K })
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    for (let i = 0; i < 10_000; i++) packager.onUnit(frame(3 * MEDIA_TIMESCALE + i * 1920))
    const last = window.segments().at(-1)
    expect(last?.complete).toBe(true)
    expect(window.segments().reduce((bytes, segment) => bytes + segment.sizeBytes, 0)).toBeLessThan(200_000)
  })

  test('takes in audio that starts late, while the first segment is not out, without a discontinuity', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(1, 30, 60)) packager.onUnit(unit)
    packager.onTrack({ kind: 'audio', aac: STEREO_48K })
    for (const unit of pictures(2, 30, 60, MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(window.description()?.codecs).toEqual([SMALL.codecString, 'mp4a.40.2'])
    expect(window.segments()[0]?.discontinuity).toBe(false)
  })

  test('takes in audio that starts after the first segment at the next keyframe, with a discontinuity', () => {
    const { packager, window } = setUp()
    for (const unit of pictures(3, 30, 60)) packager.onUnit(unit)
    packager.onTrack({ kind: 'audio', aac: STEREO_48K })
    packager.onUnit(frame(3 * MEDIA_TIMESCALE))
    for (const unit of pictures(2, 30, 30, 3 * MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(shape(window.segments())).toMatchObject([
      { ms: 2000 },
      { ms: 1000 },
      { discontinuity: true },
      { msn: 3 },
    ])
    expect(window.description()?.codecs).toContain('mp4a.40.2')
  })
})

describe('the window', () => {
  test('lists about its length and counts what left', () => {
    const { packager, window } = setUp({ windowSeconds: 12 })
    for (const unit of pictures(40, 30, 60)) packager.onUnit(unit)
    const whole = window.segments().filter((segment) => segment.complete)
    expect(whole).toHaveLength(6)
    expect(window.elapsedTicks()).toBe(window.totalTicks() - 12 * MEDIA_TIMESCALE)
    const firstMsn = whole[0]?.msn ?? 0
    expect(window.find(firstMsn - 1)?.complete).toBe(true)
    expect(window.find(firstMsn - 2)).toBeUndefined()
  })

  test('raises the discontinuity sequence when a marked segment leaves (rfc8216bis §6.2.2)', () => {
    const { packager, window } = setUp({ windowSeconds: 12 })
    for (const unit of pictures(4, 30, 60)) packager.onUnit(unit)
    packager.onTrack({ kind: 'video', avc: LARGE })
    for (const unit of pictures(13, 30, 60, 4 * MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(window.discontinuitySequence()).toBe(0)
    for (const unit of pictures(8, 30, 60, 17 * MEDIA_TIMESCALE)) packager.onUnit(unit)
    expect(window.discontinuitySequence()).toBe(1)
  })
})

test('holds its promises for any keyframes, frame times and gaps', () => {
  const step = fc.record({
    gapTicks: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 1, max: 9000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 900_000 }) },
    ),
    keyframe: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const { packager, window } = setUp()
      let dtsTicks = 0
      const sent: number[] = []
      for (const { gapTicks, keyframe } of steps) {
        packager.onUnit(picture(dtsTicks, keyframe))
        sent.push(dtsTicks)
        dtsTicks += gapTicks
      }
      packager.onEnd()
      const segments = window.segments()
      for (const [index, segment] of segments.entries()) {
        expect(segment.complete).toBe(true)
        expect(segment.durationTicks).toBeGreaterThan(0)
        expect(Math.round(segment.durationTicks / MEDIA_TIMESCALE)).toBeLessThanOrEqual(
          window.targetDurationSeconds(),
        )
        expect(segment.msn).toBe((segments[0]?.msn ?? 0) + index)
        const partTicks = segment.parts.reduce((sum, part) => sum + part.durationTicks, 0)
        expect(partTicks).toBe(segment.durationTicks)
      }
    }),
    { numRuns: 200 },
  )
})
