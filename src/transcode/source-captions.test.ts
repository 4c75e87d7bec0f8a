import { expect, test } from 'vitest'
import { SLICE_NAL } from '../../test/harness/flv-bodies.ts'
import { joinLengthPrefixed } from '../media/codec/avc-nal.ts'
import { addCaptions } from '../media/codec/captions.ts'
import { SourceCaptions } from './source-captions.ts'

const PICTURE_TICKS = 3000

/** Captions of pictures shown at these numbers, fed in that order; each says its number. */
function captionsOf(...numbers: readonly number[]): SourceCaptions {
  const captions = new SourceCaptions()
  for (const number of numbers) {
    const data = addCaptions(joinLengthPrefixed([SLICE_NAL]), Buffer.from([0xfc, number >> 8, number & 255]))
    captions.feed({ ptsTicks: number * PICTURE_TICKS, data })
  }
  return captions
}

function numbersBetween(captions: SourceCaptions, after: number, until: number): number[] {
  const found = Buffer.from(captions.between(after * PICTURE_TICKS, until * PICTURE_TICKS))
  return Array.from({ length: found.length / 3 }, (_, index) => found.readUInt16BE(index * 3 + 1))
}

test('a picture has its own captions and those of pictures left out before it, in the order shown', () => {
  const captions = captionsOf(1, 5, 3, 2, 4)
  expect(numbersBetween(captions, 1, 2)).toEqual([2])
  expect(numbersBetween(captions, 2, 4)).toEqual([3, 4])
  expect(numbersBetween(captions, 5, 6)).toEqual([])
})

test('after a hole only the captions of the last half second come', () => {
  const captions = captionsOf(...Array.from({ length: 100 }, (_, number) => number))
  expect(numbersBetween(captions, 10, 99)).toEqual(Array.from({ length: 15 }, (_, index) => 85 + index))
})

test('pictures without captions are not remembered', () => {
  const captions = new SourceCaptions()
  captions.feed({ ptsTicks: 0, data: joinLengthPrefixed([SLICE_NAL]) })
  expect(captions.between(-1, 0)).toHaveLength(0)
})

test('the oldest captions are forgotten first', () => {
  const captions = captionsOf(...Array.from({ length: 1001 }, (_, number) => number))
  expect(numbersBetween(captions, -1, 1)).toEqual([1])
  expect(numbersBetween(captions, 999, 1000)).toEqual([1000])
})
