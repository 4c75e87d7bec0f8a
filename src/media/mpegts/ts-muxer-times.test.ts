/**
 * The times and clocks that the muxer writes.
 */
import { describe, expect, test } from 'vitest'
import {
  audioFrames,
  BOTH,
  FINE_AUDIO,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
} from '../../../test/harness/media/sample-tracks.ts'
import { VIDEO_ONLY, wrap } from '../../../test/harness/media/ts-muxer-fixture.ts'
import { walkTs } from '../../../test/harness/media/ts-walker.ts'
import { CLOCK_INTERVAL_TICKS, MAX_DECODE_LEAD_TICKS } from './part-plan.ts'
import { TS_PID } from './psi.ts'
import { TS_CLOCK_TICKS } from './timestamps.ts'
import { TS_CLOCK_LEAD_TICKS, TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

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
