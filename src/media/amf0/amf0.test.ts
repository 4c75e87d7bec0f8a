import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAmf0 } from './amf0-reader.ts'
import { Amf0Error } from './amf0-value.ts'
import type { Amf0Value } from './amf0-value.ts'
import { amf0Object, encodeAmf0 } from './amf0-writer.ts'

test('writes a command as the specification shows it', () => {
  const bytes = encodeAmf0('connect', 1, amf0Object({ app: 'app', audio: true }), null)
  expect(bytes.toString('hex')).toBe(
    '020007' +
      hex('connect') +
      '003ff0000000000000' +
      '03' +
      '0003' +
      hex('app') +
      '020003' +
      hex('app') +
      '0005' +
      hex('audio') +
      '0101' +
      '000009' +
      '05',
  )
})

test.each([
  ['an ECMA array whose count is wrong', `08 ffffffff 0001${hex('a')} 0101 000009`, [new Map([['a', true]])]],
  ['an ECMA array without its end marker', `08 00000001 0001${hex('a')} 0101`, [new Map([['a', true]])]],
  ['a typed object', `10 0003${hex('Foo')} 0001${hex('a')} 05 000009`, [new Map([['a', null]])]],
  ['a long string', `0c 00000002 ${hex('hi')}`, ['hi']],
  ['an XML document', `0f 00000004 ${hex('<a/>')}`, ['<a/>']],
  ['an unsupported value', '0d', [undefined]],
  ['a strict array', '0a 00000002 05 0100', [[null, false]]],
  ['an empty key in an object', '03 0000 05 000009', [new Map([['', null]])]],
])('reads %s', (_name, text, expected) => {
  expect(decodeAmf0(bytes(text))).toEqual(expected)
})

test.each([
  ['a number cut short', '00 3ff0', 'AMF0_TRUNCATED'],
  ['a string longer than its message', `02 ffff ${hex('a')}`, 'AMF0_TRUNCATED'],
  ['an object without its end', `03 0001${hex('a')} 05`, 'AMF0_TRUNCATED'],
  ['an array that claims 2^32 - 1 values', '0a ffffffff 05', 'AMF0_TRUNCATED'],
  ['a reference', '07 0000', 'AMF0_UNSUPPORTED'],
  ['a switch to AMF3', '11 01', 'AMF0_UNSUPPORTED'],
  ['arrays nested without end', '0a 00000001'.repeat(17), 'AMF0_TOO_DEEP'],
  ['thousands of values', `0a 00001000 ${'05'.repeat(4096)}`, 'AMF0_TOO_LARGE'],
])('refuses %s', (_name, text, code) => {
  expect(() => decodeAmf0(bytes(text))).toThrow(expect.objectContaining({ name: 'Amf0Error', code }))
})

test('keeps a key named like a property of every object', () => {
  const value = new Map<string, Amf0Value>([['__proto__', 'x']])
  expect(decodeAmf0(encodeAmf0(value))).toEqual([value])
})

test('reads back whatever it wrote', () => {
  const { value } = fc.letrec<{ value: Amf0Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      fc.constantFrom(null, undefined),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  }))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), (values) => {
      expect(decodeAmf0(encodeAmf0(...values))).toEqual(values)
    }),
  )
})

test('reads back a string too long for 16 bits', () => {
  const text = 'x'.repeat(70_000)
  expect(decodeAmf0(encodeAmf0(text))).toEqual([text])
})

test('throws nothing but Amf0Error whatever the bytes', () => {
  const likely = fc.oneof(fc.nat(17), fc.constantFrom(0, 9), fc.nat(255))
  fc.assert(
    fc.property(fc.array(likely, { maxLength: 60 }), (numbers) => {
      try {
        decodeAmf0(Uint8Array.from(numbers))
      } catch (error) {
        expect(error).toBeInstanceOf(Amf0Error)
      }
    }),
    { numRuns: 2000 },
  )
})

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

function bytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
