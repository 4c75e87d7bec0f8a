import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runFfmpeg } from '../../../test/harness/media/media-programs.ts'
import { encodeRealInput } from '../../../test/harness/media/real-input.ts'
import {
  audioFrames,
  BOTH,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SMALL_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import {
  demux,
  kindOf,
  NO_FAULTS,
  openDemuxer,
  PACKET_BYTES,
  plainUnit,
} from '../../../test/harness/media/ts-demuxer-fixture.ts'
import {
  annexB,
  IDR,
  packetsOf,
  PARAMETER_SETS,
  pesOf,
  tables,
} from '../../../test/harness/media/ts-packets-by-hand.ts'
import type { TimedUnit } from '../timed-unit.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

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
    const expected = real.units.filter(kindOf('video')).map((unit) => plainUnit(unit))
    expect(sink.of('video').map((unit) => plainUnit(unit))).toEqual(expected)
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
      const { sink, demuxer: reader } = openDemuxer({ wholePes: true })
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
        const { sink, demuxer: reader } = openDemuxer({ wholePes })
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          // Now and then a slice of many packets.
          const size = sliceBytes[turn % sliceBytes.length]! * (turn % 7 === 6 ? 40 : 1)
          reader.push(bytes.subarray(at, at + size))
          at += size
        }
        reader.end()
        expect(reader.faults).toEqual(NO_FAULTS)
        for (const kind of ['video', 'audio'] as const) {
          const expected = media.filter(kindOf(kind)).map((unit) => plainUnit(unit, TS_SHIFT_TICKS))
          expect(sink.of(kind).map((unit) => plainUnit(unit))).toEqual(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('does not depend on the pushed bytes staying as they were', () => {
    const media = [picture({ dtsTicks: 0, keyframe: true }, 500), ...audioFrames(SAMPLE_AUDIO, 3)]
    const { sink, demuxer: reader } = openDemuxer()
    for (const byte of new TsMuxer(BOTH).writePart(media)) {
      const reused = Buffer.from([byte])
      reader.push(reused)
      reused.fill(0)
    }
    reader.end()
    expect(sink.units.map((unit) => plainUnit(unit))).toEqual(
      expect.arrayContaining(media.map((unit) => plainUnit(unit, TS_SHIFT_TICKS))),
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
    const { sink, demuxer: reader } = openDemuxer()
    reader.push(muxer.writePart([first]))
    expect(sink.units).toHaveLength(0)
    reader.push(muxer.writePart([second]))
    expect(sink.units).toHaveLength(1)
    reader.end()
    expect(sink.units).toHaveLength(2)
  })

  test('a stuffed packet is the last one of a muxer that writes whole PES packets', () => {
    const { sink, demuxer: reader } = openDemuxer({ wholePes: true })
    reader.push(new TsMuxer(BOTH).writePart([first]))
    expect(sink.units).toHaveLength(1)
  })

  test('one that fills its last packet waits for the next PES packet of any PID', () => {
    const muxer = new TsMuxer(BOTH)
    const { sink, demuxer: reader } = openDemuxer({ wholePes: true })
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
    const { sink, demuxer: reader } = openDemuxer()
    reader.push(tables())
    reader.push(packetsOf(pesOf({ ptsTicks: 90_000, body: annexB(...PARAMETER_SETS, IDR), declared: true })))
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
