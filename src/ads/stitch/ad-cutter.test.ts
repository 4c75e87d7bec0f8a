import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCreative } from '../../../test/harness/sample-creative.ts'
import type { CreativeRendition } from '../creative-library.ts'
import { AdCutter } from './ad-cutter.ts'

const SECOND = 90_000
const START = 7 * SECOND
/** Of sound: 1024 samples at 48 kHz. */
const FRAME = 1920

function rendition(seconds = 30): CreativeRendition {
  const found = sampleCreative('a', seconds).renditions.get('chunked')
  if (!found) throw new Error('no rendition')
  return found
}

const media = rendition()

describe('an ad cut on a grid', () => {
  test('begins every segment with a keyframe at its very beginning', () => {
    const cutter = new AdCutter(media)
    for (const offsetTicks of [0, 2 * SECOND, 2.002 * SECOND, 4.27 * SECOND, 29.9 * SECOND]) {
      const units = cutter.units({ offsetTicks, startTicks: START }, { fromTicks: 0, toTicks: 2 * SECOND })
      const first = units.find(({ kind }) => kind === 'video')
      expect(first).toMatchObject({ keyframe: true, dtsTicks: START })
    }
  })

  test('moves pictures by a quarter of a second at most, and sound by half a frame', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 28 * SECOND }), (offsetTicks) => {
        const cutter = new AdCutter(media)
        const place = { offsetTicks, startTicks: START }
        const units = cutter.units(place, { fromTicks: 0, toTicks: SECOND })
        const picture = units.find(({ kind }) => kind === 'video')
        const frame = units.find(({ kind }) => kind === 'audio')
        const original = media.video?.units.find(({ data }) => data === picture?.data)
        const originalFrame = media.audio.units.find(({ data }) => data === frame?.data)
        expect(Math.abs((original?.dtsTicks ?? NaN) - offsetTicks)).toBeLessThanOrEqual(SECOND / 4)
        const soundTicks = (frame?.dtsTicks ?? NaN) - START - ((originalFrame?.dtsTicks ?? NaN) - offsetTicks)
        expect(Math.abs(soundTicks)).toBeLessThanOrEqual(FRAME / 2)
      }),
    )
  })

  test('begins picture and sound together, the picture first', () => {
    const lateUnits = media.audio.units.map((unit) => ({ ...unit, dtsTicks: unit.dtsTicks + FRAME / 3 }))
    for (const audio of [media.audio, { ...media.audio, units: lateUnits }]) {
      const units = new AdCutter({ ...media, audio }).units(
        { offsetTicks: 0, startTicks: START },
        { fromTicks: 0, toTicks: SECOND },
      )
      const [picture, frame] = (['video', 'audio'] as const).map((wanted) =>
        units.find(({ kind }) => kind === wanted),
      )
      expect(picture?.dtsTicks).toBe(START)
      expect((frame?.dtsTicks ?? NaN) - START).toBe(0.002 * SECOND)
    }
  })

  test('loses and doubles no sound, wherever it is cut', () => {
    const lengths = fc.array(fc.integer({ min: 20_000, max: 300_000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lengths, (segments) => {
        const cutter = new AdCutter(media)
        const heard: Uint8Array[] = []
        let offsetTicks = 0
        for (const toTicks of segments) {
          const middle = Math.floor(toTicks / 2)
          const place = { offsetTicks, startTicks: START + offsetTicks }
          for (const stretch of [
            { fromTicks: 0, toTicks: middle },
            { fromTicks: middle, toTicks },
          ]) {
            const units = cutter.units(place, stretch)
            heard.push(...units.filter(({ kind }) => kind === 'audio').map(({ data }) => data))
          }
          offsetTicks += toTicks
        }
        expect(heard).toEqual(media.audio.units.slice(0, heard.length).map(({ data }) => data))
      }),
      { numRuns: 50 },
    )
  })

  test('has no picture twice where the grid is a little longer than its keyframes are apart', () => {
    const cutter = new AdCutter(media)
    const toTicks = Math.round(2.002 * SECOND)
    const shown: Uint8Array[] = []
    for (let segment = 0; segment < 14; segment++) {
      const offsetTicks = segment * toTicks
      const units = cutter.units({ offsetTicks, startTicks: START + offsetTicks }, { fromTicks: 0, toTicks })
      shown.push(...units.filter(({ kind }) => kind === 'video').map(({ data }) => data))
    }
    const expected = media.video?.units.slice(0, 14 * 60).map(({ data }) => data)
    expect(shown).toEqual(expected)
  })

  test('has picture and sound up to the end of every part, when a last picture lasts as long as the one before', () => {
    const parts = fc.array(fc.integer({ min: 18_000, max: 45_000 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * SECOND }), parts, (offsetTicks, lengths) => {
        const cutter = new AdCutter(media)
        let fromTicks = 0
        for (const length of lengths) {
          const stretch = { fromTicks, toTicks: fromTicks + length }
          const units = cutter.units({ offsetTicks, startTicks: START }, stretch)
          const pictures = units.filter(({ kind }) => kind === 'video').map(({ ptsTicks }) => ptsTicks)
          const [last = NaN, before = NaN] = pictures.toReversed()
          expect(pictures[0]).toBe(START + fromTicks)
          expect(last + (last - before) - START - stretch.toTicks).toBe(1)
          expect(pictures.every((ticks, index) => index === 0 || ticks > (pictures[index - 1] ?? 0))).toBe(
            true,
          )
          const sound = units.filter(({ kind }) => kind === 'audio').at(-1)
          const soundEndTicks = (sound?.ptsTicks ?? NaN) + (sound?.durationTicks ?? NaN)
          expect(soundEndTicks).toBeGreaterThanOrEqual(START + stretch.toTicks)
          fromTicks += length
        }
      }),
    )
  })

  test('tells which parts decoding can begin with', () => {
    const cutter = new AdCutter(media)
    const place = { offsetTicks: 0, startTicks: START }
    const independent = [0, 15_000, 30_000, 45_000].map((fromTicks) =>
      cutter.isIndependent(place, { fromTicks, toTicks: fromTicks + 15_000 }),
    )
    expect(independent).toEqual([true, false, false, true])
  })

  test('goes on with its padding, and is silent only after that', () => {
    const cutter = new AdCutter(rendition(2))
    const stretch = { fromTicks: 0, toTicks: SECOND }
    expect(cutter.units({ offsetTicks: 9 * SECOND, startTicks: START }, stretch).length).toBeGreaterThan(60)
    expect(() => cutter.units({ offsetTicks: 60 * SECOND, startTicks: START }, stretch)).not.toThrow()
  })
})
