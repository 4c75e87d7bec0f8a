/**
 * What lost, doubled, foreign and mangled bytes cost a demuxer.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BOTH, picture } from '../../../test/harness/media/sample-tracks.ts'
import {
  demux,
  NO_FAULTS,
  openDemuxer,
  PACKET_BYTES,
  type RecordingSink,
} from '../../../test/harness/media/ts-demuxer-fixture.ts'
import { tables } from '../../../test/harness/media/ts-packets-by-hand.ts'
import { TS_PID } from './psi.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

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
          const { sink, demuxer: reader } = openDemuxer()
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
