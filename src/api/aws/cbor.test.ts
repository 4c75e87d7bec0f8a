import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DomainError } from '../../domain/errors.ts'
import { printCbor, readCborObject } from './cbor.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('reads', () => {
  test.each([
    ['a map', 'a1 61 61 01', { a: 1 }],
    ['a map without a length', 'bf 61 61 18 18 ff', { a: 24 }],
    [
      'a time as a whole number of seconds (RFC 8949 §3.4.2)',
      'a1 61 61 c1 1a 51 4b 67 b0',
      { a: 1363896240 },
    ],
    ['a time as a double', 'a1 61 61 c1 fb 41 d4 52 d9 ec 20 00 00', { a: 1363896240.5 }],
    ['a short double', 'a1 61 61 f9 3e 00', { a: 1.5 }],
    ['nothing as an empty map', '', {}],
  ])('%s', (_what, bytes, expected) => {
    expect(readCborObject(hex(bytes))).toEqual(expected)
  })

  test('members that are null as absent', () => {
    expect(readCborObject(hex('a2 61 61 f6 61 62 81 a1 61 63 f6'))).toEqual({ b: [{}] })
  })

  test('a key that names the prototype as any other', () => {
    const read = readCborObject(hex('a1 69 5f5f70726f746f5f5f a1 61 61 01'))
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(read).not.toHaveProperty('a')
  })
})

describe('refuses', () => {
  test.each([
    ['a list', '80'],
    ['a text', '61 61'],
    ['bytes', '41 00'],
    ['null', 'f6'],
    ['another tag', 'a1 61 61 c2 41 01'],
    ['a key twice', 'a2 61 61 01 61 61 02'],
    ['a number beyond what is exact', 'a1 61 61 1b ff ff ff ff ff ff ff ff'],
    ['a list longer than the body', 'a1 61 61 9b 00 00 00 ff ff ff ff ff'],
    ['bytes after the end', 'a0 00'],
    ['what ends too early', 'a1 61'],
  ])('%s', (_what, bytes) => {
    expect(() => readCborObject(hex(bytes))).toThrow(DomainError)
  })

  test('lists in lists without end', () => {
    expect(() => readCborObject(Buffer.alloc(200_000, 0x81))).toThrow(DomainError)
  })
})

test('any bytes are read or refused, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        readCborObject(Buffer.from(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('prints times as seconds with their tag, numbers in full, and leaves out what is undefined', () => {
  const printed = printCbor({ a: [new Date(1363896240500), 1.5, 3], b: undefined })
  expect(printed.toString('hex')).toBe('a1616183' + 'c1fb41d452d9ec200000' + 'fb3ff8000000000000' + '03')
})
