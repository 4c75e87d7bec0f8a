import { expect, test } from 'vitest'
import { acceptAnySignature } from './authenticate.ts'

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/ivs/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`
const authenticate = acceptAnySignature({
  accountId: '000000000000',
  publicUrl: 'https://live.example.com:8443',
})
const request = (headers: Record<string, string>) => ({
  method: 'POST',
  url: '/ListChannels',
  headers: distinct({ authorization: AUTHORIZATION, ...headers }),
  body: Buffer.alloc(0),
})
const distinct = (headers: Record<string, string>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))

test('takes every well-formed signature for the server’s own account', () => {
  expect(authenticate(request({}))).toEqual({ accountId: '000000000000' })
})

test.each([
  'http://localhost:5173',
  'http://127.0.0.1',
  'https://[::1]:8443',
  'https://live.example.com:8443',
])('takes calls of pages from %s', (origin) => {
  expect(authenticate(request({ origin }))).toEqual({ accountId: '000000000000' })
})

test.each([
  'https://live.example.com',
  'http://live.example.com:8443',
  'https://evil.example',
  'http://127.0.0.1.evil.example',
  'null',
  '',
  'nonsense',
])('refuses calls of pages from "%s"', (origin) => {
  expect(() => authenticate(request({ origin }))).toThrow(expect.objectContaining({ code: 'ACCESS_DENIED' }))
})

test('refuses two Authorization headers, and a signature in the query, in clear words', () => {
  const twice = { ...request({}), headers: { authorization: [AUTHORIZATION, AUTHORIZATION] } }
  expect(() => authenticate(twice)).toThrow('more than one Authorization header')
  const url = '/ListChannels?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0'
  expect(() => authenticate({ ...request({}), url, headers: {} })).toThrow(
    expect.objectContaining({
      code: 'SIGNATURE_INCOMPLETE',
      message: 'the signature must stand in the Authorization header; presigned URLs are not taken',
    }),
  )
})
