import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runFfmpeg } from '../../../test/harness/media/media-programs.ts'
import { encodeRealInput } from '../../../test/harness/media/real-input.ts'
import {
  audioFrames,
  lengthPrefixed,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import type { AccessUnit, MediaSink, MediaTrack } from '../access-unit.ts'
import type { MuxedTracks, TimedUnit } from '../timed-unit.ts'
import { MAX_PES_BYTES } from './pes-reader.ts'
import { buildPatPacket, buildPmtPacket, TS_PID, TS_STREAM_TYPE } from './psi.ts'
import { putTimestamp, TS_CLOCK_TICKS } from './timestamps.ts'
import { TsDemuxer, type TsDemuxerOptions, type TsFaults } from './ts-demuxer.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

const BOTH: MuxedTracks = { video: SAMPLE_VIDEO, audio: SAMPLE_AUDIO }
const PACKET_BYTES = 188
const NO_FAULTS: TsFaults = {
  syncLosses: 0,
  damagedPackets: 0,
  continuityErrors: 0,
  droppedPes: 0,
  droppedUnits: 0,
}

class RecordingSink implements MediaSink {
  readonly tracks: MediaTrack[] = []
  readonly units: AccessUnit[] = []
  ends = 0
  readonly onTrack = (track: MediaTrack): void => void this.tracks.push(track)
  readonly onUnit = (unit: AccessUnit): void => void this.units.push(unit)
  readonly onEnd = (): void => {
    this.ends++
  }

  of(kind: AccessUnit['kind']): AccessUnit[] {
    return this.units.filter((unit) => unit.kind === kind)
  }
}

function demuxer(options: TsDemuxerOptions = {}): { sink: RecordingSink; demuxer: TsDemuxer } {
  const sink = new RecordingSink()
  return { sink, demuxer: new TsDemuxer(sink, options) }
}

function demux(bytes: Uint8Array, options: TsDemuxerOptions = {}): { sink: RecordingSink; faults: TsFaults } {
  const { sink, demuxer: reader } = demuxer(options)
  reader.push(bytes)
  reader.end()
  return { sink, faults: reader.faults }
}

/** What a unit looks like after it went through a transport stream. */
function plain(unit: AccessUnit, shiftTicks = 0): object {
  const { kind, dtsTicks, ptsTicks, keyframe, data } = unit
  return {
    kind,
    dtsTicks: dtsTicks + shiftTicks,
    ptsTicks: ptsTicks + shiftTicks,
    keyframe,
    data: Buffer.from(data).toString('hex'),
  }
}

function kindOf(kind: AccessUnit['kind']): (unit: AccessUnit) => boolean {
  return (unit) => unit.kind === kind
}

describe('output of ffmpeg', () => {
  const LIVE_FLAGS = ['-muxdelay', '0', '-muxpreload', '0', '-pes_payload_size', '0', '-flush_packets', '1']

  test.each([
    ['with declared lengths', '0'],
    ['with open lengths', '1'],
  ])('%s comes out as the units that went in, B-frames, sound and captions included', async (_name, omit) => {
    const real = await encodeRealInput({
      seconds: 3,
      size: '320x180',
      frameRate: 30,
      keyframeSeconds: 1,
      bFrames: 2,
      audio: { sampleRate: 48_000, channels: 2 },
    })
    const args = ['-copyts', '-i', 'pipe:0', '-c', 'copy', ...LIVE_FLAGS, '-omit_video_pes_length', omit]
    const bytes = await runFfmpeg([...args, '-f', 'mpegts', 'pipe:1'], real.flv)
    const { sink, faults } = demux(bytes, { wholePes: true })
    expect(faults).toEqual(NO_FAULTS)
    const { video, audio } = real.tracks
    expect(sink.tracks.filter(({ kind }) => kind === 'video')).toEqual([video])
    expect(sink.tracks.filter(({ kind }) => kind === 'audio')).toEqual([
      { kind: 'audio', aac: { ...audio!.aac, asc: audio!.aac.asc.subarray(0, 2), codecString: 'mp4a.40.2' } },
    ])
    const expected = real.units.filter(kindOf('video')).map((unit) => plain(unit))
    expect(sink.of('video').map((unit) => plain(unit))).toEqual(expected)
    expect(sink.of('audio').map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
      real.units.filter(kindOf('audio')).map(({ data }) => Buffer.from(data).toString('hex')),
    )
    const lateTicks = sink
      .of('audio')
      .map(({ ptsTicks }, index) => Math.abs(ptsTicks - real.units.filter(kindOf('audio'))[index]!.ptsTicks))
    expect(Math.max(...lateTicks), 'FLV rounds the times of sound to milliseconds').toBeLessThanOrEqual(90)
    expect(sink.ends).toBe(1)
  })

  test.each(['0', '1'])(
    'with omit_video_pes_length %s lets every picture out with its own last packet',
    async (omit) => {
      const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=1,noise=alls=40']
      const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', '20M']
      const args = [...source, ...encoder, ...LIVE_FLAGS, '-omit_video_pes_length', omit]
      const bytes = await runFfmpeg([...args, '-f', 'mpegts', 'pipe:1'])
      const { sink, demuxer: reader } = demuxer({ wholePes: true })
      let late = 0
      let begun = 0
      for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
        const packet = bytes.subarray(at, at + PACKET_BYTES)
        const pictureBegins = (packet.readUInt16BE(1) & 0x5fff) === 0x4100
        if (pictureBegins && sink.units.length !== begun++) late++
        reader.push(packet)
      }
      reader.end()
      expect(begun).toBe(30)
      expect(sink.units).toHaveLength(30)
      expect(Math.max(...sink.units.map(({ data }) => data.length))).toBeGreaterThan(0x10000)
      // Only a payload that fills its last packet to the byte has to wait.
      expect(late).toBeLessThanOrEqual(2)
    },
  )
})

const unitsArbitrary = fc
  .array(
    fc.record({
      stepTicks: fc.integer({ min: 1, max: 9000 }),
      delayTicks: fc.constantFrom(0, 0, 3000, 6006),
      keyframe: fc.boolean(),
      sizeBytes: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 80_000 })),
      audioFrames: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((steps) => {
    let dtsTicks = 0
    let frames = 0
    const units: TimedUnit[] = []
    for (const step of steps) {
      dtsTicks += step.stepTicks
      units.push(
        picture({ dtsTicks, ptsTicks: dtsTicks + step.delayTicks, keyframe: step.keyframe }, step.sizeBytes),
        ...audioFrames(SAMPLE_AUDIO, step.audioFrames, { firstSample: frames * 1024 }),
      )
      frames += step.audioFrames
    }
    return units
  })

describe('what our own muxer writes', () => {
  test('comes back as the same units, whatever they are and wherever the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(unitsArbitrary, cuts, fc.boolean(), (units, sliceBytes, wholePes) => {
        // Keyframes first: nothing can be read before the parameter sets.
        const media = [picture({ dtsTicks: 0, keyframe: true }), ...units]
        const bytes = new TsMuxer(BOTH).writePart(media)
        const { sink, demuxer: reader } = demuxer({ wholePes })
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          // Now and then a slice of many packets.
          const size = sliceBytes[turn % sliceBytes.length]! * (turn % 7 === 6 ? 40 : 1)
          reader.push(bytes.subarray(at, at + size))
          at += size
        }
        reader.end()
        expect(reader.faults).toEqual(NO_FAULTS)
        for (const kind of ['video', 'audio'] as const) {
          const expected = media.filter(kindOf(kind)).map((unit) => plain(unit, TS_SHIFT_TICKS))
          expect(sink.of(kind).map((unit) => plain(unit))).toEqual(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('does not depend on the pushed bytes staying as they were', () => {
    const media = [picture({ dtsTicks: 0, keyframe: true }, 500), ...audioFrames(SAMPLE_AUDIO, 3)]
    const { sink, demuxer: reader } = demuxer()
    for (const byte of new TsMuxer(BOTH).writePart(media)) {
      const reused = Buffer.from([byte])
      reader.push(reused)
      reused.fill(0)
    }
    reader.end()
    expect(sink.units.map((unit) => plain(unit))).toEqual(
      expect.arrayContaining(media.map((unit) => plain(unit, TS_SHIFT_TICKS))),
    )
  })

  test('gives each track once, and again only when its parameters change', () => {
    const first = new TsMuxer(BOTH)
    const parts = [0, 1, 2].map((index) =>
      first.writePart([picture({ dtsTicks: index * 3000, keyframe: true })]),
    )
    const second = new TsMuxer({ video: SMALL_VIDEO, audio: MONO_AUDIO }, first.continuation)
    const frames = audioFrames(MONO_AUDIO, 1)
    parts.push(second.writePart([picture({ dtsTicks: 9000, keyframe: true }), ...frames]))
    const { sink, faults } = demux(Buffer.concat(parts))
    expect(faults).toEqual(NO_FAULTS)
    expect(
      sink.tracks.map((track) => (track.kind === 'video' ? track.avc.width : track.aac.channels)),
    ).toEqual([320, 1, 64])
  })
})

describe('when a unit comes out', () => {
  const first = picture({ dtsTicks: 0, keyframe: true }, 1000)
  const second = picture({ dtsTicks: 3000 }, 1000)

  test('an open PES packet waits for the next of its PID when the muxer is not known', () => {
    const muxer = new TsMuxer(BOTH)
    const { sink, demuxer: reader } = demuxer()
    reader.push(muxer.writePart([first]))
    expect(sink.units).toHaveLength(0)
    reader.push(muxer.writePart([second]))
    expect(sink.units).toHaveLength(1)
    reader.end()
    expect(sink.units).toHaveLength(2)
  })

  test('a stuffed packet is the last one of a muxer that writes whole PES packets', () => {
    const { sink, demuxer: reader } = demuxer({ wholePes: true })
    reader.push(new TsMuxer(BOTH).writePart([first]))
    expect(sink.units).toHaveLength(1)
  })

  test('one that fills its last packet waits for the next PES packet of any PID', () => {
    const muxer = new TsMuxer(BOTH)
    const { sink, demuxer: reader } = demuxer({ wholePes: true })
    const sizeBytes = fillingSize(muxer)
    reader.push(new TsMuxer(BOTH).writePart([picture({ dtsTicks: 0, keyframe: true }, sizeBytes)]))
    expect(sink.units).toHaveLength(0)
    const sound = new TsMuxer({ video: undefined, audio: SAMPLE_AUDIO }).writePart(
      audioFrames(SAMPLE_AUDIO, 1),
    )
    reader.push(sound.subarray(2 * PACKET_BYTES))
    expect(sink.units.map(({ kind }) => kind)).toEqual(['video', 'audio'])
  })

  test('a declared length ends a PES packet with its last byte', () => {
    const { sink, demuxer: reader } = demuxer()
    reader.push(tables())
    reader.push(packetsOf(pesOf({ ptsTicks: 90_000, body: annexB(...sets(), IDR), declared: true })))
    expect(sink.units).toHaveLength(1)
  })

  /** A picture size with which the last packet has no room left. */
  function fillingSize(muxer: TsMuxer): number {
    for (let sizeBytes = 400; sizeBytes < 600; sizeBytes++) {
      const part = muxer.writePart([picture({ dtsTicks: 0, keyframe: true }, sizeBytes)])
      if ((part.readUInt8(part.length - PACKET_BYTES + 3) & 0x20) === 0) return sizeBytes
    }
    throw new Error('no such size')
  }
})

describe('times', () => {
  test('start at the round of the clock that the reference names and run on over the wrap', () => {
    const aroundTicks = 3 * TS_CLOCK_TICKS - TS_SHIFT_TICKS
    const units = [-6000, -3000, 0, 3000].map((ticks) =>
      picture({ dtsTicks: aroundTicks + ticks, ptsTicks: aroundTicks + ticks + 3000, keyframe: true }),
    )
    const bytes = new TsMuxer(BOTH).writePart(units)
    const { sink } = demux(bytes, { referenceTicks: aroundTicks - 60 * 90_000 })
    expect(sink.units.map((unit) => plain(unit))).toEqual(units.map((unit) => plain(unit, TS_SHIFT_TICKS)))
    const first = demux(bytes).sink.units[0]
    expect(first?.dtsTicks).toBe(TS_CLOCK_TICKS - 6000)
  })

  test('of several pictures in one PES packet are a frame apart, split at the delimiters', () => {
    const body = annexB(DELIMITER, ...sets(), IDR, DELIMITER, SLICE, SLICE, DELIMITER, SLICE)
    const { sink } = demux(Buffer.concat([tables(), packetsOf(pesOf({ ptsTicks: 90_000, body }))]))
    expect(sink.units.map(({ ptsTicks, keyframe }) => ({ ptsTicks, keyframe }))).toEqual([
      { ptsTicks: 90_000, keyframe: true },
      { ptsTicks: 93_000, keyframe: false },
      { ptsTicks: 96_000, keyframe: false },
    ])
    expect(Buffer.from(sink.units[1]!.data)).toEqual(lengthPrefixed(SLICE, SLICE))
  })

  test('of frames that lie across PES packets belong to the packet where the frame begins', () => {
    const frames = [10, 20, 30].map((size) => adtsFrame(Buffer.alloc(size, size)))
    const stream = Buffer.concat(frames)
    // The second PES packet begins inside the second frame.
    const pieces = [stream.subarray(0, 25), stream.subarray(25)]
    const bytes = pieces.map((body, index) =>
      packetsOf(pesOf({ ptsTicks: 90_000 + index * 5000, body, streamId: 0xc0, declared: true }), {
        pid: TS_PID.audio,
        counter: index,
      }),
    )
    const { sink, faults } = demux(Buffer.concat([tables(), ...bytes]))
    expect(faults).toEqual(NO_FAULTS)
    expect(sink.units.map(({ ptsTicks, data }) => [ptsTicks, data.length])).toEqual([
      [90_000, 10],
      [90_000 + 1920, 20],
      [95_000, 30],
    ])
  })
})

describe('what is left out', () => {
  test('delimiters, fillers and parameter sets; SEI messages with captions stay', () => {
    const caption = Buffer.from('060415b50031474139340341fffc9420fd8080ff80', 'hex')
    const filler = Buffer.from([0x0c, 0xff, 0x80])
    const body = annexB(DELIMITER, ...sets(), caption, IDR, filler)
    const { sink } = demux(Buffer.concat([tables(), packetsOf(pesOf({ ptsTicks: 0, body }))]))
    expect(sink.tracks).toEqual([SAMPLE_VIDEO])
    expect(Buffer.from(sink.units[0]!.data)).toEqual(lengthPrefixed(caption, IDR))
  })

  test('pictures before the first parameter sets, and they are counted', () => {
    const bytes = Buffer.concat([
      tables(),
      packetsOf(pesOf({ ptsTicks: 0, body: annexB(SLICE) })),
      packetsOf(pesOf({ ptsTicks: 3000, body: annexB(...sets(), IDR) }), { counter: 1 }),
    ])
    const { sink, faults } = demux(bytes)
    expect(sink.units.map(({ ptsTicks }) => ptsTicks)).toEqual([3000])
    expect(faults).toEqual({ ...NO_FAULTS, droppedUnits: 1 })
  })

  test('streams of other types and tables of other programs', () => {
    const streams = [
      { streamType: 0x24, pid: 0x200 },
      { streamType: TS_STREAM_TYPE.avc, pid: 0x300 },
      { streamType: TS_STREAM_TYPE.avc, pid: 0x301 },
    ]
    const picturePacket = (pid: number): Buffer =>
      packetsOf(pesOf({ ptsTicks: pid, body: annexB(...sets(), IDR) }), { pid })
    const bytes = [buildPatPacket(), buildPmtPacket({ streams, clockPid: 0x300, version: 0 })]
    const { sink } = demux(Buffer.concat([...bytes, ...[0x200, 0x300, 0x301].map(picturePacket)]))
    expect(sink.units.map(({ ptsTicks }) => ptsTicks)).toEqual([0x300])
  })

  test('a PES packet that outgrows 4 MiB, and the next one is read again', () => {
    const { sink, demuxer: reader } = demuxer()
    reader.push(tables())
    const huge = Buffer.alloc(MAX_PES_BYTES, 0x55)
    reader.push(packetsOf(pesOf({ ptsTicks: 0, body: annexB(...sets(), IDR, huge) })))
    const packets = Math.ceil(huge.length / 184)
    reader.push(packetsOf(pesOf({ ptsTicks: 3000, body: annexB(...sets(), IDR) }), { counter: packets + 1 }))
    reader.end()
    expect(sink.units.map(({ ptsTicks }) => ptsTicks)).toEqual([3000])
    expect(reader.faults.droppedPes).toBe(1)
  })
})

describe('damage', () => {
  const media = Array.from({ length: 8 }, (_, index) =>
    picture({ dtsTicks: index * 3000, keyframe: true }, 700),
  )
  const whole = new TsMuxer(BOTH).writePart(media)
  const packets = Array.from({ length: whole.length / PACKET_BYTES }, (_, index) =>
    whole.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES),
  )
  const packetsPerPicture = (packets.length - 2) / media.length
  const timesOf = (sink: RecordingSink): number[] =>
    sink.units.map(({ dtsTicks }) => (dtsTicks - TS_SHIFT_TICKS) / 3000)

  test('a lost packet costs its picture and is counted', () => {
    const lost = 2 + 3 * packetsPerPicture + 1
    const { sink, faults } = demux(Buffer.concat(packets.filter((_, index) => index !== lost)))
    expect(timesOf(sink)).toEqual([0, 1, 2, 4, 5, 6, 7])
    expect(faults).toEqual({ ...NO_FAULTS, continuityErrors: 1, droppedPes: 1 })
  })

  test('a packet sent twice costs nothing (ISO/IEC 13818-1 §2.4.3.3)', () => {
    const { sink, faults } = demux(Buffer.concat(packets.flatMap((packet) => [packet, packet])))
    expect(timesOf(sink)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(faults).toEqual(NO_FAULTS)
  })

  test('foreign bytes between packets cost no picture: sync is found again', () => {
    const at = 2 + 3 * packetsPerPicture
    const foreign = Buffer.alloc(1000, 0x47).fill(0, 3)
    const { sink, faults } = demux(Buffer.concat([...packets.slice(0, at), foreign, ...packets.slice(at)]))
    expect(timesOf(sink)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(faults.syncLosses).toBeGreaterThan(0)
    expect(faults.droppedPes).toBe(0)
  })

  test('bytes cut out of a packet cost the pictures they belong to', () => {
    const at = (2 + 3 * packetsPerPicture + 1) * PACKET_BYTES
    const { sink, faults } = demux(Buffer.concat([whole.subarray(0, at + 50), whole.subarray(at + 90)]))
    expect(timesOf(sink)).toEqual([0, 1, 2, 4, 5, 6, 7])
    expect(faults).toMatchObject({ syncLosses: 1, continuityErrors: 1, droppedPes: 1 })
  })

  test('a stream taken up in the middle begins with the next tables', () => {
    const muxer = new TsMuxer(BOTH)
    const parts = media.slice(0, 4).map((unit) => muxer.writePart([unit]))
    const { sink } = demux(Buffer.concat(parts).subarray(77))
    expect(timesOf(sink)).toEqual([1, 2, 3])
  })

  test('a table with a wrong checksum is not believed', () => {
    const broken = Buffer.from(whole)
    broken.writeUInt8(0x99, PACKET_BYTES + 15)
    expect(demux(broken).sink.units).toEqual([])
  })

  test('never throws, never makes up bytes, never holds on to more than one PES packet', () => {
    const mutation = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      bytes: fc.uint8Array({ maxLength: 12 }),
      removed: fc.nat({ max: 300 }),
    })
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.boolean(), (mutations, wholePes) => {
        let bytes = Buffer.concat([whole, whole])
        for (const { at, bytes: inserted, removed } of mutations) {
          bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])
        }
        const { sink } = demux(bytes, { wholePes })
        const madeBytes = sink.units.reduce((sum, { data }) => sum + data.length, 0)
        expect(madeBytes).toBeLessThanOrEqual(bytes.length)
        for (const { dtsTicks, ptsTicks } of sink.units) {
          expect(Number.isSafeInteger(dtsTicks) && Number.isSafeInteger(ptsTicks)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('random bytes do no harm and give no more than they are', () => {
    const packet = fc
      .tuple(fc.uint8Array({ minLength: 187, maxLength: 187 }), fc.constantFrom(0, TS_PID.pmt, 0x100, 0x101))
      .map(([bytes, pid]) => {
        bytes[0] = 0x40 | (pid >> 8)
        bytes[1] = pid & 255
        return Buffer.concat([Buffer.from([0x47]), bytes])
      })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(packet, fc.uint8Array({ maxLength: 400 })), { maxLength: 30 }),
        (pieces) => {
          const { sink, demuxer: reader } = demuxer()
          reader.push(tables())
          for (const piece of pieces) reader.push(piece)
          reader.end()
          const madeBytes = sink.units.reduce((sum, { data }) => sum + data.length, 0)
          expect(madeBytes).toBeLessThanOrEqual(pieces.reduce((sum, piece) => sum + piece.length, 0))
        },
      ),
      { numRuns: 300 },
    )
  })
})

const DELIMITER = Buffer.from([0x09, 0xf0])
const IDR = Buffer.from('6588840000ff', 'hex')
const SLICE = Buffer.from('419a24', 'hex')

function sets(): Buffer[] {
  return [...SAMPLE_VIDEO.avc.sps, ...SAMPLE_VIDEO.avc.pps].map((nal) => Buffer.from(nal))
}

function annexB(...nals: readonly Uint8Array[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]))
}

function tables(): Buffer {
  const streams = [
    { streamType: TS_STREAM_TYPE.avc, pid: TS_PID.video },
    { streamType: TS_STREAM_TYPE.adtsAac, pid: TS_PID.audio },
  ]
  return Buffer.concat([buildPatPacket(), buildPmtPacket({ streams, clockPid: TS_PID.video, version: 0 })])
}

type PesFields = {
  readonly ptsTicks: number
  readonly body: Uint8Array
  readonly declared?: boolean
  readonly streamId?: number
}

function pesOf({ ptsTicks, body, declared = false, streamId = 0xe0 }: PesFields): Buffer {
  const header = Buffer.from([0, 0, 1, streamId, 0, 0, 0x84, 0x80, 5, 0, 0, 0, 0, 0])
  if (declared) header.writeUInt16BE(8 + body.length, 4)
  putTimestamp(header, 9, 2, ptsTicks)
  return Buffer.concat([header, body])
}

/** Packets of one payload, the last one stuffed. */
function packetsOf(payload: Buffer, { pid = 0x100, counter = 0 } = {}): Buffer {
  const packets: Buffer[] = []
  for (let at = 0; at < payload.length; at += 184) {
    const piece = payload.subarray(at, at + 184)
    const stuffing = Buffer.alloc(184 - piece.length, 0xff)
    if (stuffing.length > 0) stuffing[0] = stuffing.length - 1
    if (stuffing.length > 1) stuffing[1] = 0
    const control = (stuffing.length > 0 ? 0x30 : 0x10) | ((counter + packets.length) & 15)
    const head = Buffer.from([0x47, (at === 0 ? 0x40 : 0) | (pid >> 8), pid & 255, control])
    packets.push(Buffer.concat([head, stuffing, piece]))
  }
  return Buffer.concat(packets)
}

function adtsFrame(body: Buffer): Buffer {
  const frameBytes = body.length + 7
  const head = Buffer.from([0xff, 0xf1, 0x4c, 0x80, frameBytes >> 3, ((frameBytes & 7) << 5) | 0x1f, 0xfc])
  return Buffer.concat([head, body])
}
