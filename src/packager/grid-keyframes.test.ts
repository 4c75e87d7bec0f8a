import { expect, test } from 'vitest'
import type { AccessUnit } from '../media/access-unit.ts'
import { GridKeyframes } from './grid-keyframes.ts'

function picture(dtsMs: number, ptsMs = dtsMs, keyframe = false): AccessUnit {
  return { kind: 'video', dtsTicks: dtsMs * 90, ptsTicks: ptsMs * 90, keyframe, data: new Uint8Array(8) }
}

/** The pictures that come out, as milliseconds of decoding time with a mark for keyframes. */
function placed(units: readonly AccessUnit[]): string[] {
  const grid = new GridKeyframes()
  const pictures = [...units.flatMap((unit) => grid.push(unit)), ...grid.flush()]
  return pictures.map(({ dtsTicks, keyframe }) => `${dtsTicks / 90}${keyframe ? ' key' : ''}`)
}

test('marks the first picture, and the first one of each cell, whatever the source marks', () => {
  const units = [1000, 1900, 1999, 2000, 2100, 3999, 4033].map((ms) =>
    picture(ms, ms, ms === 1000 || ms === 2100),
  )
  expect(placed(units)).toEqual(['1000 key', '1900', '1999', '2000 key', '2100', '3999', '4033 key'])
})

test('goes by presentation order, and gives each place the decoding time that it has', () => {
  // Decoded as I P B B, shown as I B B P.
  const units = [picture(1900, 1940, true), picture(1940, 2060), picture(1980, 1980), picture(2020, 2020)]
  expect(placed(units)).toEqual(['1900 key', '1940', '1980 key', '2020'])
})

test('leaves out what cannot be decoded', () => {
  expect(placed([picture(0), picture(40), picture(80, 80, true)])).toEqual(['80 key'])
})

test('marks the keyframe with which a changed source begins', () => {
  const grid = new GridKeyframes()
  grid.push(picture(0, 0, true))
  grid.change()
  expect(grid.push(picture(40))).toMatchObject([{ keyframe: false, changed: false }])
  expect(grid.push(picture(80, 80, true))).toMatchObject([{ keyframe: true, changed: true }])
})

test('holds no more than it can when presentation times lie far ahead', () => {
  const grid = new GridKeyframes()
  for (let ms = 0; ms < 100_000; ms += 10) grid.push(picture(ms, ms + 1_000_000, ms === 0))
  expect(grid.startTicks).toBeGreaterThan(80_000 * 90)
})
