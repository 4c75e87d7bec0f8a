import { expect, test } from 'vitest'
import { BACK_BUFFER_S, emptyUntilS, type PartPlace } from './back-buffer.ts'

const LONG = { bufferStartS: 100, currentTimeS: 100 + 2 * BACK_BUFFER_S }

function part(sn: number, index: number): PartPlace {
  return { index, fragment: { sn } }
}

test('is emptied up to a fixed time before what plays, when the newest part was taken in', () => {
  expect(emptyUntilS({ taken: part(7, 2), newest: part(7, 2), ...LONG })).toBe(100 + BACK_BUFFER_S)
})

test.each([
  ['a newer part of the segment', part(7, 3)],
  ['a part of the next segment', part(8, 2)],
  ['no part', undefined],
])('stays as it is while the playlist lists %s', (_what, newest) => {
  expect(emptyUntilS({ taken: part(7, 2), newest, ...LONG })).toBeUndefined()
})

test('is emptied after a whole segment', () => {
  expect(emptyUntilS({ taken: undefined, newest: part(7, 2), ...LONG })).toBe(100 + BACK_BUFFER_S)
})

test('is not emptied for a few seconds', () => {
  const currentTimeS = 100 + 1.4 * BACK_BUFFER_S
  const taken = part(7, 2)
  expect(emptyUntilS({ taken, newest: taken, bufferStartS: 100, currentTimeS })).toBeUndefined()
})
