import { expect, test } from 'vitest'
import { expectedSignature, sha256 } from './signature.ts'

// The situations and results are those of the public Signature Version 4 test suite.
const TIMESTAMP = '20150830T123600Z'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const CLAIM = {
  accessKeyId: 'AKIDEXAMPLE',
  date: '20150830',
  region: 'us-east-1',
  service: 'service',
  signedHeaders: ['host', 'x-amz-date'],
  signature: '',
}
const HEADERS = { host: 'example.amazonaws.com', 'x-amz-date': TIMESTAMP }

const sign = (method: string, url: string, headers: Record<string, string> = HEADERS) =>
  expectedSignature({ method, url, headers, body: Buffer.alloc(0) }, CLAIM, TIMESTAMP, SECRET)

test.each([
  ['get-vanilla', 'GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('signs %s of the test suite', (_name, method, url, signature) => {
  expect(sign(method, url)).toBe(signature)
})

test('blanks around and inside a header value do not count', () => {
  const spaced = { ...HEADERS, host: '  example.amazonaws.com ' }
  expect(sign('GET', '/', spaced)).toBe(sign('GET', '/'))
})

test('queries that are the same once decoded have the same signature', () => {
  expect(sign('GET', '/?a=%7e&b')).toBe(sign('GET', '/?b=&a=~'))
})

test('text that is not well encoded is signed as something', () => {
  expect(sign('GET', '/%zz?%zz=%zz')).toMatch(/^[0-9a-f]{64}$/)
})

test('hashes an empty body as everybody does', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})
