import { expect, test } from 'vitest'
import { readJsonObject, refuseContentEncoding } from './request-body.ts'

const read = (text: string) => readJsonObject(Buffer.from(text))

test('an empty body is an empty object', () => {
  expect(read('')).toEqual({})
})

test('a byte order mark before the object does no harm', () => {
  expect(read('\ufeff{"a":1}')).toEqual({ a: 1 })
})

test('members that are null are absent, in structures but not below', () => {
  expect(read('{"a":null,"b":{"c":null,"d":{"e":{"g":null,"h":{"j":null}}}},"f":[null,{"i":null}]}')).toEqual(
    {
      b: { d: { e: { h: { j: null } } } },
      f: [null, {}],
    },
  )
})

test('a member called __proto__ stays a member', () => {
  const body = read('{"__proto__":{"admin":true}}')
  expect(Object.keys(body)).toEqual(['__proto__'])
  expect(body['admin']).toBeUndefined()
})

test.each(['gzip', 'br', 'aws-chunked'])('the encoding %s is refused', (encoding) => {
  expect(() => refuseContentEncoding(encoding)).toThrow(
    expect.objectContaining({ code: 'REQUEST_MALFORMED' }),
  )
})

test.each([undefined, '', 'identity', 'Identity'])('the encoding %j is none', (encoding) => {
  expect(() => refuseContentEncoding(encoding)).not.toThrow()
})
