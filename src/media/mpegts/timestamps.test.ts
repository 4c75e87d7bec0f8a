import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { putPcr, putTimestamp, TS_CLOCK_TICKS } from './timestamps.ts'

/** Far more than 48 hours, both sides of zero, and the places where 32 and 33 bits end. */
const TICKS = fc.oneof(
  fc.integer({ min: -(2 ** 36), max: 2 ** 45 }),
  fc
    .integer({ min: -3, max: 3 })
    .chain((near) => fc.constantFrom(2 ** 30, 2 ** 32, 2 ** 33, 2 ** 34).map((edge) => edge + near)),
)

function wrapped(ticks: number): bigint {
  const modulus = 1n << 33n
  return ((BigInt(ticks) % modulus) + modulus) % modulus
}

describe('33-bit clocks', () => {
  test('PTS and DTS are the ticks modulo 2^33 between marker bits (ISO/IEC 13818-1 §2.4.3.7)', () => {
    fc.assert(
      fc.property(TICKS, fc.constantFrom(1, 2, 3), (ticks, mark) => {
        const out = Buffer.alloc(5)
        putTimestamp(out, 0, mark, ticks)
        const clock = wrapped(ticks)
        const expected =
          (BigInt(mark) << 36n) |
          ((clock >> 30n) << 33n) |
          (1n << 32n) |
          (((clock >> 15n) & 0x7fffn) << 17n) |
          (1n << 16n) |
          ((clock & 0x7fffn) << 1n) |
          1n
        expect(BigInt(`0x${out.toString('hex')}`)).toBe(expected)
      }),
    )
  })

  test('a PCR is the ticks modulo 2^33 with extension 0 (ISO/IEC 13818-1 §2.4.3.5)', () => {
    fc.assert(
      fc.property(TICKS, (ticks) => {
        const out = Buffer.alloc(6)
        putPcr(out, 0, ticks)
        expect(BigInt(`0x${out.toString('hex')}`)).toBe((wrapped(ticks) << 15n) | 0x7e00n)
      }),
    )
  })

  test('the last tick before the wrap is all ones and the next is zero', () => {
    const out = Buffer.alloc(5)
    putTimestamp(out, 0, 2, TS_CLOCK_TICKS - 1)
    expect(out.toString('hex')).toBe('2fffffffff')
    putTimestamp(out, 0, 2, TS_CLOCK_TICKS)
    expect(out.toString('hex')).toBe('2100010001')
  })
})
