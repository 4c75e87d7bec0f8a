import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  audioFrames,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import { flvTags, type FlvTag } from '../../../test/harness/media/flv-file.ts'
import { probePackets } from '../../../test/harness/media/media-programs.ts'
import { encodeRealInput } from '../../../test/harness/media/real-input.ts'
import { readFlvAudio, readFlvVideo } from './flv-tag.ts'
import { flvHeader, flvSequenceHeader, flvUnit, MAX_FLV_UNIT_BYTES } from './flv-writer.ts'

const HEADER = flvHeader({ video: true, audio: true })

function tagsOf(...pieces: readonly Uint8Array[][]): FlvTag[] {
  return flvTags(Buffer.concat([HEADER, ...pieces.flat()]))
}

describe('header', () => {
  test.each([
    [{ video: true, audio: true }, '464c5601050000000900000000'],
    [{ video: true, audio: false }, '464c5601010000000900000000'],
    [{ video: false, audio: true }, '464c5601040000000900000000'],
  ])('announces %j (FLV §E.2)', (kinds, expected) => {
    expect(flvHeader(kinds).toString('hex')).toBe(expected)
  })
})

describe('sequence headers', () => {
  test('carry the records of both tracks, also again in mid-stream', () => {
    const tags = tagsOf(
      flvSequenceHeader(SAMPLE_VIDEO, 0),
      flvSequenceHeader(SAMPLE_AUDIO, 0),
      flvUnit(picture({ dtsTicks: 0, keyframe: true })),
      flvSequenceHeader(SMALL_VIDEO, 90_000),
    )
    expect(tags.map(({ type, timeMs }) => ({ type, timeMs }))).toEqual([
      { type: 9, timeMs: 0 },
      { type: 8, timeMs: 0 },
      { type: 9, timeMs: 0 },
      { type: 9, timeMs: 1000 },
    ])
    expect(readFlvVideo(tags[0]!.body)).toEqual(sequenceHeader({ record: SAMPLE_VIDEO.avc.record }))
    expect(readFlvAudio(tags[1]!.body)).toEqual(sequenceHeader({ asc: Buffer.from(SAMPLE_AUDIO.aac.asc) }))
    expect(readFlvVideo(tags[3]!.body)).toEqual(sequenceHeader({ record: SMALL_VIDEO.avc.record }))
  })
})

describe('units', () => {
  test('keep their payload without a copy, and every tag is followed by its size', () => {
    const unit = picture({ dtsTicks: 0, keyframe: true }, 300)
    const [head, payload, tail] = flvUnit(unit)
    expect(payload).toBe(unit.data)
    expect(Buffer.from(tail!).readUInt32BE(0)).toBe(head!.length + unit.data.length)
  })

  test('come back from the reader of publishers as they were, with times to the nearest millisecond', () => {
    const unitArbitrary = fc.record({
      dtsTicks: fc.integer({ min: 90_000, max: 48 * 3600 * 90_000 }),
      offsetTicks: fc.integer({ min: -80_000, max: 900_000 }),
      keyframe: fc.boolean(),
      sizeBytes: fc.integer({ min: 1, max: 500 }),
    })
    fc.assert(
      fc.property(unitArbitrary, ({ dtsTicks, offsetTicks, keyframe, sizeBytes }) => {
        const unit = picture({ dtsTicks, ptsTicks: dtsTicks + offsetTicks, keyframe }, sizeBytes)
        const [tag] = tagsOf(flvUnit(unit))
        const read = readFlvVideo(tag!.body)
        expect(tag!.timeMs).toBe(Math.round(dtsTicks / 90))
        expect(read).toMatchObject({ kind: 'picture', keyframe })
        if (read.kind !== 'picture') return
        expect(tag!.timeMs + read.compositionOffsetMs).toBe(Math.round(unit.ptsTicks / 90))
        expect(Buffer.compare(read.payload, unit.data)).toBe(0)
      }),
    )
  })

  test('of sound come back as raw frames', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 3)
    const tags = tagsOf(...frames.map(flvUnit))
    expect(tags.map(({ timeMs }) => timeMs)).toEqual([0, 21, 43])
    expect(tags.map(({ body }) => readFlvAudio(body))).toEqual(
      frames.map(({ data }) => ({ kind: 'frame', payload: data })),
    )
  })

  test('after 4.7 hours need the extended timestamp (FLV §E.4.1)', () => {
    const [tag] = tagsOf(flvUnit(picture({ dtsTicks: 20_000_000 * 90 })))
    expect(tag!.timeMs).toBe(20_000_000)
  })

  test('shown before zero have a negative composition time, as far as 24 bits reach', () => {
    const offsetOf = (ptsTicks: number): unknown => {
      const [tag] = tagsOf(flvUnit(picture({ dtsTicks: 90_000, ptsTicks })))
      return readFlvVideo(tag!.body)
    }
    expect(offsetOf(-90)).toMatchObject({ compositionOffsetMs: -1001 })
    expect(offsetOf(90_000 - 0x90_0000 * 90)).toMatchObject({ compositionOffsetMs: -0x80_0000 })
    expect(offsetOf(90_000 + 0x90_0000 * 90)).toMatchObject({ compositionOffsetMs: 0x7f_ffff })
  })

  test('too large for a tag are left out', () => {
    const unit = { ...picture({ dtsTicks: 0 }), data: new Uint8Array(MAX_FLV_UNIT_BYTES + 1) }
    expect(flvUnit(unit)).toEqual([])
    expect(flvUnit({ ...unit, data: unit.data.subarray(1) })).toHaveLength(3)
  })
})

test('ffprobe reads B-frames and sound with the times of the source', async () => {
  const real = await encodeRealInput({
    seconds: 1,
    size: '160x90',
    frameRate: 30,
    keyframeSeconds: 1,
    bFrames: 2,
    audio: { sampleRate: 44_100, channels: 1 },
  })
  const { video, audio } = real.tracks
  const written = Buffer.concat([
    HEADER,
    ...flvSequenceHeader(video!, 0),
    ...flvSequenceHeader(audio!, 0),
    ...real.units.flatMap(flvUnit),
  ])
  const packets = await probePackets(written)
  expect(packets.map(({ kind, pts, dts, keyframe }) => ({ kind, pts, dts, keyframe }))).toEqual(
    real.units.map(({ kind, ptsTicks, dtsTicks, keyframe }) => ({
      kind,
      pts: Math.round(ptsTicks / 90),
      dts: Math.round(dtsTicks / 90),
      keyframe,
    })),
  )
})

function sequenceHeader(fields: object): object {
  return { kind: 'sequence-header', ...fields }
}
