/**
 * Which units a demuxer makes of the packets of others, and at which times.
 */
import { describe, expect, test } from 'vitest'
import { BOTH, lengthPrefixed, picture, SAMPLE_VIDEO } from '../../../test/harness/media/sample-tracks.ts'
import { demux, NO_FAULTS, openDemuxer, plainUnit } from '../../../test/harness/media/ts-demuxer-fixture.ts'
import {
  adtsFrame,
  annexB,
  DELIMITER,
  IDR,
  packetsOf,
  PARAMETER_SETS,
  pesOf,
  SLICE,
  tables,
} from '../../../test/harness/media/ts-packets-by-hand.ts'
import { MAX_PES_BYTES } from './pes-reader.ts'
import { buildPatPacket, buildPmtPacket, TS_PID, TS_STREAM_TYPE } from './psi.ts'
import { TS_CLOCK_TICKS } from './timestamps.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

describe('times', () => {
  test('start at the round of the clock that the reference names and run on over the wrap', () => {
    const aroundTicks = 3 * TS_CLOCK_TICKS - TS_SHIFT_TICKS
    const units = [-6000, -3000, 0, 3000].map((ticks) =>
      picture({ dtsTicks: aroundTicks + ticks, ptsTicks: aroundTicks + ticks + 3000, keyframe: true }),
    )
    const bytes = new TsMuxer(BOTH).writePart(units)
    const { sink } = demux(bytes, { referenceTicks: aroundTicks - 60 * 90_000 })
    expect(sink.units.map((unit) => plainUnit(unit))).toEqual(
      units.map((unit) => plainUnit(unit, TS_SHIFT_TICKS)),
    )
    const first = demux(bytes).sink.units[0]
    expect(first?.dtsTicks).toBe(TS_CLOCK_TICKS - 6000)
  })

  test('of several pictures in one PES packet are a frame apart, split at the delimiters', () => {
    const body = annexB(DELIMITER, ...PARAMETER_SETS, IDR, DELIMITER, SLICE, SLICE, DELIMITER, SLICE)
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
    const body = annexB(DELIMITER, ...PARAMETER_SETS, caption, IDR, filler)
    const { sink } = demux(Buffer.concat([tables(), packetsOf(pesOf({ ptsTicks: 0, body }))]))
    expect(sink.tracks).toEqual([SAMPLE_VIDEO])
    expect(Buffer.from(sink.units[0]!.data)).toEqual(lengthPrefixed(caption, IDR))
  })

  test('pictures before the first parameter sets, and they are counted', () => {
    const bytes = Buffer.concat([
      tables(),
      packetsOf(pesOf({ ptsTicks: 0, body: annexB(SLICE) })),
      packetsOf(pesOf({ ptsTicks: 3000, body: annexB(...PARAMETER_SETS, IDR) }), { counter: 1 }),
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
      packetsOf(pesOf({ ptsTicks: pid, body: annexB(...PARAMETER_SETS, IDR) }), { pid })
    const bytes = [buildPatPacket(), buildPmtPacket({ streams, clockPid: 0x300, version: 0 })]
    const { sink } = demux(Buffer.concat([...bytes, ...[0x200, 0x300, 0x301].map(picturePacket)]))
    expect(sink.units.map(({ ptsTicks }) => ptsTicks)).toEqual([0x300])
  })

  test('a PES packet that outgrows 4 MiB, and the next one is read again', () => {
    const { sink, demuxer: reader } = openDemuxer()
    reader.push(tables())
    const huge = Buffer.alloc(MAX_PES_BYTES, 0x55)
    reader.push(packetsOf(pesOf({ ptsTicks: 0, body: annexB(...PARAMETER_SETS, IDR, huge) })))
    const packets = Math.ceil(huge.length / 184)
    reader.push(
      packetsOf(pesOf({ ptsTicks: 3000, body: annexB(...PARAMETER_SETS, IDR) }), { counter: packets + 1 }),
    )
    reader.end()
    expect(sink.units.map(({ ptsTicks }) => ptsTicks)).toEqual([3000])
    expect(reader.faults.droppedPes).toBe(1)
  })
})
