/**
 * How the muxer writes pictures and sound.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  audioFrames,
  BOTH,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SURROUND_AUDIO,
} from '../../../test/harness/media/sample-tracks.ts'
import { audioOf, VIDEO_ONLY } from '../../../test/harness/media/ts-muxer-fixture.ts'
import { DELIMITER, PARAMETER_SETS } from '../../../test/harness/media/ts-packets-by-hand.ts'
import { readAdts, readAnnexB, walkTs } from '../../../test/harness/media/ts-walker.ts'
import { TS_PID } from './psi.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

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
