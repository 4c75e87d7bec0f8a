/**
 * Any stream through the muxer and back.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  audioFrames,
  FINE_AUDIO,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import { audioOf, videoOf, wrap } from '../../../test/harness/media/ts-muxer-fixture.ts'
import { DELIMITER, PARAMETER_SETS } from '../../../test/harness/media/ts-packets-by-hand.ts'
import { readAdts, readAnnexB, walkTs } from '../../../test/harness/media/ts-walker.ts'
import type { TimedUnit } from '../timed-unit.ts'
import { TS_CLOCK_TICKS } from './timestamps.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

/** Sizes that are tiny, anything, or near whole packets. */
const SIZE_BYTES = fc.oneof(
  fc.integer({ min: 1, max: 8 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: -40, max: 4 })).map(([n, by]) => n * 184 + by),
)

/** A slice without zero bytes, so that no start code can appear inside. */
const SLICE = fc
  .tuple(SIZE_BYTES, fc.constantFrom(0x41, 0x01, 0x06, 0x65), fc.integer({ min: 1, max: 255 }))
  .map(([sizeBytes, header, fill]) => Buffer.alloc(sizeBytes, fill).fill(header, 0, 1))

const PICTURE = fc.record({
  nals: fc.array(SLICE, { minLength: 1, maxLength: 4 }),
  keyframe: fc.boolean(),
  offsetFrames: fc.integer({ min: -3, max: 5 }),
})

const STREAM = fc
  .record({
    startTicks: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 2 ** 35 }),
      fc.constant(2 ** 33 - 150_000),
    ),
    frameTicks: fc.constantFrom(1500, 3000, 3003, 3600),
    pictures: fc.array(PICTURE, { maxLength: 24 }),
    frameSizes: fc.array(SIZE_BYTES, { maxLength: 30 }),
    audio: fc.constantFrom(SAMPLE_AUDIO, MONO_AUDIO, FINE_AUDIO),
    partUnits: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ startTicks, frameTicks, pictures, frameSizes, audio, partUnits }) => {
    const video = pictures.map(({ nals, keyframe, offsetFrames }, index) => {
      const dtsTicks = startTicks + index * frameTicks
      return picture({ dtsTicks, ptsTicks: dtsTicks + offsetFrames * frameTicks, keyframe }, nals)
    })
    const firstSample = Math.round((startTicks * audio.aac.sampleRate) / 90_000)
    const frames = audioFrames(audio, frameSizes.length, { firstSample }).map((unit, index) => ({
      ...unit,
      data: Buffer.alloc(frameSizes[index]!, index),
    }))
    const units: TimedUnit[] = [...video, ...frames].toSorted((a, b) => a.dtsTicks - b.dtsTicks)
    return { units, partUnits, tracks: { video: SAMPLE_VIDEO, audio } }
  })

test('any stream comes back from its packets bit by bit, with its times, in any cut into parts', () => {
  fc.assert(
    fc.property(STREAM, ({ units, tracks, partUnits }) => {
      const muxer = new TsMuxer(tracks)
      const parts: Buffer[] = []
      for (let at = 0; at < units.length; at += partUnits) {
        parts.push(muxer.writePart(units.slice(at, at + partUnits)))
      }
      const { pes } = walkTs(Buffer.concat(parts))
      const pictures = units.filter((unit) => unit.kind === 'video')
      expect(videoOf(pes).map(({ ptsTicks }) => ptsTicks)).toEqual(
        pictures.map((unit) => wrap(unit.ptsTicks + TS_SHIFT_TICKS)),
      )
      expect(videoOf(pes).map(({ body }) => withoutAdded(readAnnexB(body)))).toEqual(
        pictures.map((unit) => nalsOf(unit.data)),
      )
      for (const packet of videoOf(pes)) {
        expect(wrap(packet.ptsTicks - packet.dtsTicks)).toBeLessThan(TS_CLOCK_TICKS / 2)
        expect(wrap(packet.dtsTicks - packet.clockTicks!)).toBeLessThan(TS_CLOCK_TICKS / 2)
      }
      const frames = units.filter((unit) => unit.kind === 'audio')
      expect(audioOf(pes).flatMap(({ body }) => readAdts(body).map((frame) => frame.body))).toEqual(
        frames.map(({ data }) => Buffer.from(data)),
      )
    }),
    { numRuns: 60 },
  )
})

function nalsOf(data: Uint8Array): Buffer[] {
  const bytes = Buffer.from(data)
  const nals: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    nals.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
  }
  return nals
}

function withoutAdded(nals: readonly Buffer[]): Buffer[] {
  expect(nals[0]).toEqual(DELIMITER)
  return nals.slice(1).filter((nal) => !PARAMETER_SETS.some((set) => set.equals(nal)))
}
