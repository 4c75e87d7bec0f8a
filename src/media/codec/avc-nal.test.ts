import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hasNalType,
  holdsPicture,
  isIdr,
  joinLengthPrefixed,
  nalUnits,
  splitAnnexB,
  toLengthPrefixed,
} from './avc-nal.ts'
import { CodecError } from './codec-error.ts'

const IDR = hex('6588840000ff')
const SLICE = hex('419a24')

test('returns a payload with 4-byte lengths itself, without copying', () => {
  const payload = joinLengthPrefixed([SLICE, IDR])
  expect(toLengthPrefixed(payload, 4)).toBe(payload)
})

test.each([1, 2, 3])('rewrites %i-byte lengths', (size) => {
  const payload = Buffer.concat([SLICE, IDR].map((nal) => Buffer.concat([lengthOf(nal, size), nal])))
  expect(toLengthPrefixed(payload, size)).toEqual(joinLengthPrefixed([SLICE, IDR]))
})

test('rewrites start codes of either length', () => {
  const payload = Buffer.concat([hex('00000001'), SLICE, hex('000001'), IDR])
  expect(toLengthPrefixed(payload, 4)).toEqual(joinLengthPrefixed([SLICE, IDR]))
})

test('takes 00 00 01 xx for a length when the lengths add up', () => {
  const slice = Buffer.alloc(0x1a4, 0x41)
  const payload = joinLengthPrefixed([slice])
  expect(payload.subarray(0, 3)).toEqual(hex('000001'))
  expect(toLengthPrefixed(payload, 4)).toBe(payload)
})

test('drops empty NAL units and zero padding at the end', () => {
  const payload = Buffer.concat([hex('00000000'), joinLengthPrefixed([IDR]), hex('000000')])
  expect(toLengthPrefixed(payload, 4)).toEqual(joinLengthPrefixed([IDR]))
})

test.each([
  ['an empty payload', hex('')],
  ['a length beyond the end', hex('0000000565ff')],
  ['nothing but zeros', hex('0000000000000000')],
])('refuses %s', (_name, payload) => {
  expect(() => toLengthPrefixed(payload, 4)).toThrow(expect.objectContaining({ code: 'NAL_UNITS_INVALID' }))
})

test('knows an IDR picture by its slices', () => {
  expect(isIdr(joinLengthPrefixed([hex('09f0'), hex('06050100'), IDR]))).toBe(true)
  expect(isIdr(joinLengthPrefixed([hex('09f0'), SLICE]))).toBe(false)
  expect(hasNalType(joinLengthPrefixed([hex('09f0'), SLICE]), 9)).toBe(true)
})

test('knows a picture from parameters alone', () => {
  const sps = hex('6764002a')
  expect(holdsPicture(joinLengthPrefixed([hex('09f0'), sps, IDR]))).toBe(true)
  expect(holdsPicture(joinLengthPrefixed([SLICE]))).toBe(true)
  expect(holdsPicture(joinLengthPrefixed([hex('09f0'), sps, hex('06050100')]))).toBe(false)
})

test('splits what it joined', () => {
  const nal = fc.uint8Array({ minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(nal, { maxLength: 8 }), (nals) => {
      expect([...nalUnits(joinLengthPrefixed(nals))].map(plain)).toEqual(nals.map(plain))
    }),
  )
})

test('finds the NAL units of any Annex B stream', () => {
  const nal = fc.uint8Array({ min: 1, minLength: 1, maxLength: 20 })
  const startCode = fc.constantFrom(hex('000001'), hex('00000001'), hex('0000000001'))
  fc.assert(
    fc.property(fc.array(fc.tuple(startCode, nal), { maxLength: 8 }), (pieces) => {
      expect(splitAnnexB(Buffer.concat(pieces.flat())).map(plain)).toEqual(
        pieces.map(([, bytes]) => plain(bytes)),
      )
    }),
  )
})

test('throws nothing but CodecError and always yields a clean payload', () => {
  const byte = fc.oneof(fc.constantFrom(0, 1, 3), fc.nat(255))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (bytes, size) => {
      try {
        const clean = toLengthPrefixed(Uint8Array.from(bytes), size)
        expect(toLengthPrefixed(clean, 4)).toBe(clean)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }),
    { numRuns: 2000 },
  )
})

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function plain(bytes: Uint8Array): number[] {
  return [...bytes]
}

function lengthOf(nal: Uint8Array, sizeBytes: number): Buffer {
  const length = Buffer.alloc(sizeBytes)
  length.writeUIntBE(nal.length, 0, sizeBytes)
  return length
}
