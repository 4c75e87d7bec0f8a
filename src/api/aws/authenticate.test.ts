import { expect, test } from 'vitest'
import { acceptAnySignature, checkSignatures } from './authenticate.ts'
import { deriveSigningKey, expectedSignature } from './signature.ts'

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

test.each([
  { signed: ['x-amz-date'], unsigned: 'host' },
  { signed: ['host'], unsigned: 'x-amz-date' },
])('refuses a good signature that leaves out $unsigned', ({ signed, unsigned }) => {
  const key = { id: 'AKIDEXAMPLE', secret: 'secret', account: '123456789012' }
  const scope = { date: '20260101', region: 'us-west-2', service: 'ivs' }
  const claim = { ...scope, accessKeyId: key.id, signedHeaders: signed, signature: '' }
  // A client of HTTP/1.0 may send no host.
  const unauthorized = { ...request({}), headers: distinct({ 'x-amz-date': '20260101T000000Z' }) }
  const signature = expectedSignature(
    unauthorized,
    claim,
    '20260101T000000Z',
    deriveSigningKey(key.secret, scope),
  )
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/20260101/us-west-2/ivs/aws4_request, SignedHeaders=${signed.join(';')}, Signature=${signature}`
  const clock = { nowMs: () => Date.UTC(2026, 0, 1) }
  const authenticated = {
    ...unauthorized,
    headers: { ...unauthorized.headers, authorization: [authorization] },
  }
  expect(() => checkSignatures([key], 'us-west-2', clock)(authenticated)).toThrow(
    expect.objectContaining({ code: 'SIGNATURE_INVALID', message: `the header ${unsigned} must be signed` }),
  )
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
