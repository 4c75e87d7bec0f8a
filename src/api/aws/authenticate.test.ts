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
  headers: { authorization: AUTHORIZATION, ...headers },
  body: Buffer.alloc(0),
})

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
