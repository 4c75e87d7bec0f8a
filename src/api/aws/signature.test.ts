import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAuthorization } from './authorization-header.ts'
import type { SignedRequestClaim } from './authorization-header.ts'
import { deriveSigningKey, expectedSignature, sha256 } from './signature.ts'

// The situations and the known results are those of the public Signature Version 4 test suite.
const TIMESTAMP = '20150830T123600Z'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const SCOPE = { date: '20150830', region: 'us-east-1', service: 'service' }
const CLAIM = { ...SCOPE, accessKeyId: 'AKIDEXAMPLE', signedHeaders: ['host', 'x-amz-date'], signature: '' }
const HOST = 'example.amazonaws.com'

type Sent = {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly body?: string
}

function ours(sent: Sent, claim: SignedRequestClaim = CLAIM): string {
  const { method = 'GET', url = '/', headers = {}, body = '' } = sent
  const all = { host: [HOST], 'x-amz-date': [TIMESTAMP], ...headers }
  const request = { method, url, headers: all, body: Buffer.from(body) }
  return expectedSignature(request, claim, TIMESTAMP, deriveSigningKey(SECRET, claim))
}

/** What the SDK's own signer makes of the request, as the claim that it sends. */
async function theirs({ method = 'GET', url = '/', headers = {}, body = '' }: Sent, sessionToken?: string) {
  const signer = new SignatureV4({
    service: SCOPE.service,
    region: SCOPE.region,
    credentials: {
      accessKeyId: CLAIM.accessKeyId,
      secretAccessKey: SECRET,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    sha256: Sha256,
    applyChecksum: false,
  })
  const [path = '', queryText = ''] = url.split('?')
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(queryText)) (query[name] ??= []).push(value)
  const joined = Object.entries(headers).map(([name, values]) => [name, values.join(',')] as const)
  const request = {
    method,
    protocol: 'http:',
    hostname: HOST,
    path,
    query,
    headers: { host: HOST, ...Object.fromEntries(joined) },
    body,
  }
  const signed = await signer.sign(request, { signingDate: new Date('2015-08-30T12:36:00Z') })
  return readAuthorization(signed.headers['authorization'])
}

test.each([
  ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', { method: 'POST' }, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    { url: '/?Param2=value2&Param1=value1' },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('signs %s of the test suite', (_name, sent, signature) => {
  expect(ours(sent)).toBe(signature)
})

const FORM = { 'content-type': ['application/x-www-form-urlencoded'] }
const SITUATIONS: Readonly<Record<string, Sent>> = {
  'get-vanilla-empty-query-key': { url: '/?Param1=value1' },
  'get-vanilla-query-order-key': { url: '/?Param1=value2&Param1=Value1' },
  'get-vanilla-query-order-value': { url: '/?Param1=value2&Param1=value1' },
  'get-vanilla-query-order-encoded': { url: '/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1' },
  'get-vanilla-query-unreserved': { url: '/?-._~0123456789ABCDEFGHIJabcdefghij=-._~0123456789ABCDEFGHIJ' },
  'get-vanilla-utf8-query': { url: '/?%E1%88%B4=bar' },
  'get-vanilla-with-session-token': {
    headers: { 'x-amz-security-token': ['6e86291e8372ff2a2260956d9b8aae1d'] },
  },
  'query value with reserved characters': { url: '/?a=%21%27%28%29%2A%2F%3D%26%2B%20x' },
  'get-utf8': { url: '/%E1%88%B4' },
  'get-unreserved': { url: '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' },
  'get-space-normalized': { url: '/example%20space/' },
  'get-slash-normalized': { url: '//' },
  'get-slash-dot-slash-normalized': { url: '/./' },
  'get-slash-pointless-dot-normalized': { url: '/./example' },
  'get-slashes-normalized': { url: '//example//' },
  'get-relative-normalized': { url: '/example/..' },
  'get-relative-relative-normalized': { url: '/example1/example2/../..' },
  'a path with colons and an encoded slash': { url: '/tags/arn:aws:ivs:x:1:channel%2Fabc' },
  'get-header-key-duplicate': { headers: { 'my-header1': ['value2', 'value2', 'value1'] } },
  'get-header-value-order': { headers: { 'my-header1': ['value4', 'value1', 'value3', 'value2'] } },
  'get-header-value-trim': { headers: { 'my-header1': [' value1'], 'my-header2': [' "a   b   c" '] } },
  'get-header-value-multiline': { headers: { 'my-header1': ['value1\n  value2\n     value3'] } },
  'post-header-key-sort': { method: 'POST', headers: { zz: ['1'], 'my-header1': ['value1'] } },
  'post-header-value-case': { method: 'POST', headers: { 'my-header1': ['VALUE1'] } },
  'post-x-www-form-urlencoded': { method: 'POST', headers: FORM, body: 'Param1=value1' },
  'post-x-www-form-urlencoded-parameters': {
    method: 'POST',
    headers: { 'content-type': ['application/x-www-form-urlencoded; charset=utf-8'] },
    body: 'Param1=value1&Param2=straße',
  },
}

test.each(Object.entries(SITUATIONS))('signs %s as the SDK does', async (_name, sent) => {
  const claim = await theirs(sent)
  expect(ours(sent, claim)).toBe(claim.signature)
})

test('signs post-header-key-case as the SDK does: names count in small letters', async () => {
  const claim = await theirs({ method: 'POST', headers: { 'My-Header1': ['value1'] } })
  expect(claim.signedHeaders).toContain('my-header1')
  expect(ours({ method: 'POST', headers: { 'my-header1': ['value1'] } }, claim)).toBe(claim.signature)
})

test('signs post-sts-header-before as the SDK does: a session token is a header like any other', async () => {
  const claim = await theirs({ method: 'POST' }, 'AQoDYXdzEPT//////////wEXAMPLE')
  const headers = { 'x-amz-security-token': ['AQoDYXdzEPT//////////wEXAMPLE'] }
  expect(claim.signedHeaders).toContain('x-amz-security-token')
  expect(ours({ method: 'POST', headers }, claim)).toBe(claim.signature)
})

test('signs whatever path, query, header and body as the SDK does', async () => {
  const step = fc.string({ unit: 'grapheme', maxLength: 5 }).map((text) => encodeURIComponent(text))
  const pair = fc.tuple(step, step).map(([name, value]) => `k${name}=${value}`)
  const url = fc
    .tuple(fc.array(step, { maxLength: 4 }), fc.array(pair, { maxLength: 4 }))
    .map(([steps, pairs]) => `/${steps.join('/')}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`)
  const value = fc.stringMatching(/^[\x20-\x7e]{0,20}$/)
  await fc.assert(
    fc.asyncProperty(url, value, fc.string(), async (sentUrl, header, body) => {
      const sent = { method: 'POST', url: sentUrl, headers: { 'x-amz-extra': [header] }, body }
      const claim = await theirs(sent)
      expect(ours(sent, claim)).toBe(claim.signature)
    }),
    { numRuns: 200 },
  )
})

test('a header that is sent twice is signed with a bare comma, one with a comma inside as it is', () => {
  const claim = { ...CLAIM, signedHeaders: ['a', ...CLAIM.signedHeaders] }
  const signature = (values: string[]): string => ours({ headers: { a: values } }, claim)
  expect(signature(['x', 'y'])).toBe(signature(['x,y']))
  expect(signature(['x, y'])).not.toBe(signature(['x,y']))
})

test('queries that are the same once decoded have the same signature', () => {
  expect(ours({ url: '/?a=%7e&b' })).toBe(ours({ url: '/?b=&a=~' }))
})

test('text that is not well encoded is signed as something', () => {
  expect(ours({ url: '/%zz?%zz=%zz' })).toMatch(/^[0-9a-f]{64}$/)
})

test('hashes an empty body as everybody does', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

/** SHA-256 and its HMAC in the form that the SDK's signer asks for. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(content: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(content))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('each hash is made once')
  }
}

function bytesOf(content: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof content === 'string') return Buffer.from(content)
  if (content instanceof ArrayBuffer) return Buffer.from(content)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}
