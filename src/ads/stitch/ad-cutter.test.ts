import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleCreative } from '../../../test/harness/sample-creative.ts'
import type { CreativeRendition } from '../creative-library.ts'
import { AdCutter } from './ad-cutter.ts'

const SECOND = 90_000
const START = 7 * SECOND

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

  test('moves pictures by a quarter of a second at most, and sound not at all', () => {
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
        expect((frame?.dtsTicks ?? NaN) - START).toBe((originalFrame?.dtsTicks ?? NaN) - offsetTicks)
      }),
    )
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
