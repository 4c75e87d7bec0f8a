import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  audioFrames,
  FINE_AUDIO,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
  SURROUND_AUDIO,
} from '../../../test/harness/media/sample-tracks.ts'
import type { WalkedPes } from '../../../test/harness/media/ts-walker.ts'
import { readAdts, readAnnexB, walkTs } from '../../../test/harness/media/ts-walker.ts'
import { id3Tag } from '../id3/id3-tag.ts'
import { MAX_METADATA_PAYLOAD_BYTES, METADATA_OWNER, type TimedMetadata } from '../timed-metadata.ts'
import type { MuxedTracks, TimedUnit } from '../timed-unit.ts'
import { CLOCK_INTERVAL_TICKS, MAX_DECODE_LEAD_TICKS } from './part-plan.ts'
import { TS_PID } from './psi.ts'
import { TS_CLOCK_TICKS } from './timestamps.ts'
import { TS_CLOCK_LEAD_TICKS, TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

const BOTH: MuxedTracks = { video: SAMPLE_VIDEO, audio: SAMPLE_AUDIO }
const VIDEO_ONLY: MuxedTracks = { video: SAMPLE_VIDEO, audio: undefined }
const AUDIO_ONLY: MuxedTracks = { video: undefined, audio: SAMPLE_AUDIO }

const DELIMITER = Buffer.from([0x09, 0xf0])
const PARAMETER_SETS = [...SAMPLE_VIDEO.avc.sps, ...SAMPLE_VIDEO.avc.pps].map((nal) => Buffer.from(nal))

function videoOf(pes: readonly WalkedPes[]): WalkedPes[] {
  return pes.filter((packet) => packet.pid === TS_PID.video)
}

function audioOf(pes: readonly WalkedPes[]): WalkedPes[] {
  return pes.filter((packet) => packet.pid === TS_PID.audio)
}

function wrap(ticks: number): number {
  return ((ticks % TS_CLOCK_TICKS) + TS_CLOCK_TICKS) % TS_CLOCK_TICKS
}

describe('parts', () => {
  test('begin with PAT and PMT, also without any unit', () => {
    const muxer = new TsMuxer(BOTH)
    expect(walkTs(muxer.writePart([])).pids).toEqual([TS_PID.pat, TS_PID.pmt])
    const { pids, pmts } = walkTs(muxer.writePart([picture({ dtsTicks: 0 })]))
    expect(pids).toEqual([TS_PID.pat, TS_PID.pmt, TS_PID.video])
    expect(pmts).toMatchObject([
      {
        version: 0,
        clockPid: TS_PID.video,
        streams: [
          { streamType: 0x1b, pid: TS_PID.video, descriptors: '' },
          { streamType: 0x0f, pid: TS_PID.audio, descriptors: '' },
          { streamType: 0x15, pid: TS_PID.metadata },
        ],
      },
    ])
  })

  test('name only the tracks there are and put the clock on audio when there is no video', () => {
    const [video] = walkTs(new TsMuxer(VIDEO_ONLY).writePart([])).pmts
    const [audio] = walkTs(new TsMuxer(AUDIO_ONLY).writePart([])).pmts
    expect(video).toMatchObject({
      clockPid: TS_PID.video,
      streams: [{ pid: TS_PID.video }, { pid: TS_PID.metadata }],
    })
    expect(audio).toMatchObject({
      clockPid: TS_PID.audio,
      streams: [{ pid: TS_PID.audio }, { pid: TS_PID.metadata }],
    })
  })

  test('run their continuity counters on from part to part', () => {
    const muxer = new TsMuxer(BOTH)
    const parts = Array.from({ length: 40 }, (_, index) =>
      muxer.writePart([picture({ dtsTicks: index * 3000 }, 700), ...audioFrames(SAMPLE_AUDIO, 3)]),
    )
    expect(() => walkTs(Buffer.concat(parts))).not.toThrow()
    expect(() => walkTs(Buffer.concat([parts[0]!, parts[2]!]))).toThrow(/continuity/)
  })

  test('of a muxer that continues another run its counters on under a new PMT version', () => {
    let muxer = new TsMuxer(BOTH)
    const versions: (number | undefined)[] = []
    const parts: Buffer[] = []
    for (let i = 0; i < 34; i++) {
      const part = muxer.writePart([picture({ dtsTicks: i * 3000 }), ...audioFrames(SAMPLE_AUDIO, 1)])
      versions.push(walkTs(part).pmts[0]?.version)
      parts.push(part)
      muxer = new TsMuxer(i % 2 ? BOTH : { video: SMALL_VIDEO, audio: SAMPLE_AUDIO }, muxer.continuation)
    }
    expect(() => walkTs(Buffer.concat(parts))).not.toThrow()
    expect(versions).toEqual(parts.map((_, index) => index % 32))
    expect(muxer.continuation.pmtVersion).toBe(34 % 32)
  })

  test('leave out units of a kind without a track', () => {
    const units = [picture({ dtsTicks: 0 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    expect(walkTs(new TsMuxer(VIDEO_ONLY).writePart(units)).pes.map(({ pid }) => pid)).toEqual([TS_PID.video])
    expect(walkTs(new TsMuxer(AUDIO_ONLY).writePart(units)).pes.map(({ pid }) => pid)).toEqual([TS_PID.audio])
  })

  test('match the golden dump of a tiny stream', async () => {
    const muxer = new TsMuxer(BOTH)
    const units = [
      picture({ dtsTicks: 0, ptsTicks: 6000, keyframe: true }, 300),
      ...audioFrames(SAMPLE_AUDIO, 2),
      picture({ dtsTicks: 3000 }, 130),
    ]
    const packets =
      muxer
        .writePart(units)
        .toString('hex')
        .match(/.{376}/g) ?? []
    await expect(`${packets.join('\n')}\n`).toMatchFileSnapshot('golden/tiny-part.ts.hex')
  })
})

describe('timed metadata', () => {
  const pieces: readonly TimedMetadata[] = [
    { ptsTicks: 1000, owner: METADATA_OWNER.api, payload: Buffer.from('{"score":1}') },
    { ptsTicks: 1001, owner: METADATA_OWNER.inBand, payload: Buffer.alloc(1024, 0x61) },
  ]

  test('is announced in every part by its descriptors (ISO/IEC 13818-1 §2.6.58, §2.6.60)', () => {
    const [pmt] = walkTs(new TsMuxer(BOTH).writePart([])).pmts
    // Application format and format "ID3 ", service 0; then: in this stream, program 1.
    expect(pmt?.descriptors).toBe('250fffff49443320ff49443320001f0001')
    expect(pmt?.streams.at(-1)?.descriptors).toBe('260dffff49443320ff49443320000f')
  })

  test('comes before the units of its part as ID3 tags of its time', () => {
    const units = [picture({ dtsTicks: 0 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    const { pes } = walkTs(new TsMuxer(BOTH).writePart(units, pieces))
    expect(pes.map(({ pid }) => pid).toSorted((a, b) => b - a)).toEqual([0x102, 0x102, 0x101, 0x100])
    const metadata = pes.filter(({ pid }) => pid === TS_PID.metadata)
    expect(metadata.map(({ streamId, ptsTicks, body }) => ({ streamId, ptsTicks, body }))).toEqual(
      pieces.map((piece) => ({
        streamId: 0xbd,
        ptsTicks: piece.ptsTicks + TS_SHIFT_TICKS,
        body: id3Tag(piece),
      })),
    )
  })

  test('leaves the units as they are and runs its counter on, across a change of tracks too', () => {
    const units = [picture({ dtsTicks: 0, keyframe: true }, 400)]
    const first = new TsMuxer(BOTH)
    const parts = [first.writePart(units, pieces), first.writePart(units, pieces)]
    const second = new TsMuxer(AUDIO_ONLY, first.continuation)
    parts.push(second.writePart([], pieces))
    const { pes } = walkTs(Buffer.concat(parts))
    expect(pes.filter(({ pid }) => pid === TS_PID.metadata)).toHaveLength(6)
    const without = new TsMuxer(BOTH).writePart(units)
    expect(parts[0]?.subarray(-without.length + 2 * 188)).toEqual(without.subarray(2 * 188))
  })

  test('that is larger than any container carries is left out', () => {
    const large = { ...pieces[0]!, payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES + 1) }
    const full = { ...pieces[0]!, payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES) }
    expect(walkTs(new TsMuxer(BOTH).writePart([], [large])).pes).toEqual([])
    expect(walkTs(new TsMuxer(BOTH).writePart([], [full])).pes).toHaveLength(1)
  })
})

describe('times', () => {
  test('PTS and DTS are media time and one second, for both kinds', () => {
    const units = [picture({ dtsTicks: 0, ptsTicks: 6000 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    const [video, audio] = walkTs(new TsMuxer(BOTH).writePart(units)).pes
    expect(TS_SHIFT_TICKS).toBe(90_000)
    expect(video).toMatchObject({ dtsTicks: 90_000, ptsTicks: 96_000 })
    expect(audio).toMatchObject({ ptsTicks: 90_000 })
  })

  test('every picture carries the clock, 0.7 s before its decoding time', () => {
    const units = Array.from({ length: 5 }, (_, index) => picture({ dtsTicks: index * 3000 }))
    for (const pes of walkTs(new TsMuxer(BOTH).writePart(units)).pes) {
      expect(pes.clockTicks).toBe(pes.dtsTicks - TS_CLOCK_LEAD_TICKS)
    }
  })

  test('wrap at 33 bits and stay exact days later (ISO/IEC 13818-1 §2.4.3.7)', () => {
    const twoDays = 48 * 3600 * 90_000
    for (const around of [TS_CLOCK_TICKS, 2 * TS_CLOCK_TICKS, twoDays, 300 * twoDays]) {
      const muxer = new TsMuxer(BOTH)
      const dts = Array.from({ length: 60 }, (_, index) => around - TS_SHIFT_TICKS - 90_000 + index * 3003)
      const units = dts.map((dtsTicks) => picture({ dtsTicks, ptsTicks: dtsTicks + 6006 }))
      const { pes } = walkTs(muxer.writePart(units))
      expect(pes.map((packet) => packet.dtsTicks)).toEqual(dts.map((ticks) => wrap(ticks + TS_SHIFT_TICKS)))
      expect(pes.map((packet) => packet.ptsTicks)).toEqual(
        dts.map((ticks) => wrap(ticks + 6006 + TS_SHIFT_TICKS)),
      )
      expect(pes.map((packet) => packet.clockTicks)).toEqual(
        dts.map((ticks) => wrap(ticks + TS_SHIFT_TICKS - TS_CLOCK_LEAD_TICKS)),
      )
    }
  })

  test('DTS never pass PTS nor fall when pictures are shown before they are decoded; PTS stay exact', () => {
    // Display order of I P B B with composition offsets that some encoders write one frame too low.
    const offsets = [0, 9000, -3000, -3000, 9000, -3000, -3000]
    const units = offsets.map((offset, index) =>
      picture({ dtsTicks: index * 3000, ptsTicks: index * 3000 + offset }),
    )
    const muxer = new TsMuxer(VIDEO_ONLY)
    const { pes } = walkTs(
      Buffer.concat([muxer.writePart(units.slice(0, 4)), muxer.writePart(units.slice(4))]),
    )
    expect(pes.map(({ ptsTicks }) => ptsTicks)).toEqual(units.map((unit) => unit.ptsTicks + TS_SHIFT_TICKS))
    expect(pes.map(({ dtsTicks }) => dtsTicks)).toEqual(
      units.map((unit) => unit.dtsTicks + TS_SHIFT_TICKS - 3000),
    )
    for (const packet of pes) expect(packet.clockTicks).toBeLessThan(packet.dtsTicks)
    const next = new TsMuxer(VIDEO_ONLY, muxer.continuation).writePart([picture({ dtsTicks: 21_000 })])
    expect(walkTs(next).pes[0]?.dtsTicks).toBe(21_000 + TS_SHIFT_TICKS - 3000)
  })

  test('a picture absurdly far before its decoding time pulls its own DTS along and no other', () => {
    const units = [
      picture({ dtsTicks: 0 }),
      picture({ dtsTicks: 900_000, ptsTicks: 0 }),
      picture({ dtsTicks: 903_000 }),
    ]
    const { pes } = walkTs(new TsMuxer(VIDEO_ONLY).writePart(units))
    expect(pes.map(({ ptsTicks, dtsTicks }) => ptsTicks - dtsTicks)).toEqual([
      MAX_DECODE_LEAD_TICKS,
      0,
      MAX_DECODE_LEAD_TICKS,
    ])
  })

  test('the clock comes at least every 100 ms when pictures are rare (ISO/IEC 13818-1 §2.7.2)', () => {
    const muxer = new TsMuxer(VIDEO_ONLY)
    const parts = [0, 90_000, 180_000, 183_000].map((dtsTicks) => muxer.writePart([picture({ dtsTicks })]))
    const ticks = walkTs(Buffer.concat(parts)).clocks.map((clock) => clock.ticks)
    const steps = ticks.slice(1).map((at, index) => at - ticks[index]!)
    expect(ticks).toHaveLength(1 + 10 + 10 + 1)
    expect(Math.max(...steps)).toBe(CLOCK_INTERVAL_TICKS)
    expect(Math.min(...steps)).toBeGreaterThan(0)
  })

  test('a break in time is not bridged with clocks', () => {
    const muxer = new TsMuxer(VIDEO_ONLY)
    muxer.writePart([picture({ dtsTicks: 0 })])
    expect(walkTs(muxer.writePart([picture({ dtsTicks: 2 ** 40 })])).clocks).toHaveLength(1)
  })

  test('audio without video carries the clock at least every 100 ms, at every sampling rate', () => {
    for (const track of [SAMPLE_AUDIO, MONO_AUDIO, FINE_AUDIO]) {
      const part = new TsMuxer({ video: undefined, audio: track }).writePart(audioFrames(track, 50))
      const { clocks, pes } = walkTs(part)
      expect(pes.every((packet) => packet.clockTicks !== undefined)).toBe(true)
      expect(clocks).toHaveLength(pes.length)
      const steps = clocks.slice(1).map((clock, index) => clock.ticks - clocks[index]!.ticks)
      expect(clocks.every((clock) => clock.pid === TS_PID.audio)).toBe(true)
      expect(Math.max(...steps)).toBeLessThanOrEqual(CLOCK_INTERVAL_TICKS)
    }
  })
})

describe('pictures', () => {
  test('get a delimiter in front and start codes for lengths', () => {
    const nals = [Buffer.from([0x06, 1, 2, 3]), Buffer.from([0x41, 9, 9]), Buffer.from([0x41])]
    const [pes] = walkTs(new TsMuxer(BOTH).writePart([picture({ dtsTicks: 0 }, nals)])).pes
    expect(pes?.streamId).toBe(0xe0)
    expect(pes?.randomAccess).toBe(false)
    expect(readAnnexB(pes!.body)).toEqual([DELIMITER, ...nals])
  })

  test('that are keyframes get the parameter sets and are marked as random access points', () => {
    const units = [picture({ dtsTicks: 0, keyframe: true }, [Buffer.from([0x65, 7])])]
    const [pes] = walkTs(new TsMuxer(BOTH).writePart(units)).pes
    expect(pes?.randomAccess).toBe(true)
    expect(readAnnexB(pes!.body)).toEqual([DELIMITER, ...PARAMETER_SETS, Buffer.from([0x65, 7])])
  })

  test('that bring parameter sets and a delimiter are left as they are', () => {
    const nals = [Buffer.from([0x09, 0x10]), ...PARAMETER_SETS, Buffer.from([0x65, 7])]
    const [pes] = walkTs(new TsMuxer(BOTH).writePart([picture({ dtsTicks: 0, keyframe: true }, nals)])).pes
    expect(readAnnexB(pes!.body)).toEqual(nals)
  })

  test('that bring only one kind of parameter set get all of them in front, the delimiter first', () => {
    const nals = [Buffer.from([0x09, 0x10]), PARAMETER_SETS[0]!, Buffer.from([0x65, 7])]
    const [pes] = walkTs(new TsMuxer(BOTH).writePart([picture({ dtsTicks: 0, keyframe: true }, nals)])).pes
    expect(readAnnexB(pes!.body)).toEqual([DELIMITER, ...PARAMETER_SETS, PARAMETER_SETS[0], nals[2]])
  })

  test('fill their packets exactly, whatever their size', () => {
    const units = Array.from({ length: 600 }, (_, index) => picture({ dtsTicks: index * 3000 }, index + 1))
    const { pes, packets } = walkTs(new TsMuxer(VIDEO_ONLY).writePart(units))
    // Clock 8, PES header 14, delimiter 6, start code 4.
    const expected = units.map((_, index) => Math.ceil((8 + 14 + 6 + 4 + index + 1) / 184))
    expect(packets).toBe(2 + expected.reduce((sum, count) => sum + count, 0))
    expect(pes.map(({ body }) => body.length)).toEqual(units.map((_, index) => 6 + 4 + index + 1))
  })

  test('with damaged lengths never stop the muxer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (data, keyframe) => {
        const unit = { ...picture({ dtsTicks: 0, keyframe }), data }
        const { pes } = walkTs(new TsMuxer(BOTH).writePart([unit]))
        expect(pes).toHaveLength(1)
      }),
    )
  })
})

describe('audio', () => {
  test('gets an ADTS header for each frame', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 3, { sizeBytes: 300 })
    const [pes] = walkTs(new TsMuxer(BOTH).writePart(frames)).pes
    expect(pes?.streamId).toBe(0xc0)
    expect(readAdts(pes!.body)).toEqual(
      frames.map(({ data }) => ({
        profile: 1,
        samplingFrequencyIndex: 3,
        channelConfiguration: 2,
        body: data,
      })),
    )
  })

  test('of eight channels is channel configuration 7 (ISO/IEC 14496-3 Table 1.19)', () => {
    const part = new TsMuxer({ video: undefined, audio: SURROUND_AUDIO }).writePart(
      audioFrames(SURROUND_AUDIO, 1),
    )
    expect(readAdts(walkTs(part).pes[0]!.body)[0]?.channelConfiguration).toBe(7)
  })

  test('shares PES packets of up to eight frames, where the first of them stands', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 12)
    const units = frames.flatMap((frame, index) =>
      index % 2 ? [frame] : [frame, picture({ dtsTicks: frame.dtsTicks })],
    )
    const { pes, pids } = walkTs(new TsMuxer(BOTH).writePart(units))
    expect(pids.filter((pid) => pid === TS_PID.audio).length).toBeLessThan(frames.length / 2)
    expect(pids.indexOf(TS_PID.audio)).toBeLessThan(pids.indexOf(TS_PID.video))
    expect(audioOf(pes).map(({ body }) => readAdts(body).length)).toEqual([8, 4])
    expect(audioOf(pes).map(({ ptsTicks }) => ptsTicks - TS_SHIFT_TICKS)).toEqual([0, 8 * 1920])
  })

  test('shares PES packets also where rounding moves its frames by a tick', () => {
    for (let frame = 0; frame < 20; frame++) {
      const units = audioFrames(MONO_AUDIO, 16, { firstSample: frame * 1024 })
      const { pes } = walkTs(new TsMuxer({ video: SAMPLE_VIDEO, audio: MONO_AUDIO }).writePart(units))
      expect(pes.map(({ body }) => readAdts(body).length)).toEqual([8, 8])
    }
  })

  test('after a gap begins a PES packet of its own', () => {
    const units = [
      ...audioFrames(SAMPLE_AUDIO, 2),
      ...audioFrames(SAMPLE_AUDIO, 2, { firstSample: 2 * 1024 + 100 }),
    ]
    const { pes } = walkTs(new TsMuxer(BOTH).writePart(units))
    expect(pes.map(({ body }) => readAdts(body).length)).toEqual([2, 2])
  })

  test('frames that are empty or too long for ADTS are left out, the others stay', () => {
    const [first, second, third, fourth] = audioFrames(SAMPLE_AUDIO, 4)
    const units = [
      { ...first!, data: Buffer.alloc(0) },
      second!,
      { ...third!, data: Buffer.alloc(8185) },
      fourth!,
    ]
    const { pes } = walkTs(new TsMuxer(BOTH).writePart(units))
    expect(pes.map(({ ptsTicks }) => ptsTicks - TS_SHIFT_TICKS)).toEqual([second!.ptsTicks, fourth!.ptsTicks])
  })

  test('frames of the greatest length keep within the 16 bits of the PES length', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 16, { sizeBytes: 8184 })
    const { pes } = walkTs(new TsMuxer(BOTH).writePart(frames))
    expect(pes.flatMap(({ body }) => readAdts(body)).map(({ body }) => body)).toEqual(
      frames.map(({ data }) => data),
    )
  })
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
