import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAuthorization } from './authorization-header.ts'
import { ProtocolError } from './protocol-error.ts'

const SIGNATURE = 'fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024'
const SCOPE = 'AKIDEXAMPLE/20260830/us-west-2/ivs/aws4_request'

test('takes a signed request apart, with and without blanks between the parts', () => {
  const claim = {
    accessKeyId: 'AKIDEXAMPLE',
    date: '20260830',
    region: 'us-west-2',
    service: 'ivs',
    signedHeaders: ['content-type', 'host', 'x-amz-date'],
    signature: SIGNATURE,
  }
  const parts = [
    `Credential=${SCOPE}`,
    'SignedHeaders=content-type;host;x-amz-date',
    `Signature=${SIGNATURE}`,
  ]
  expect(readAuthorization(`AWS4-HMAC-SHA256 ${parts.join(', ')}`)).toEqual(claim)
  expect(readAuthorization(`AWS4-HMAC-SHA256 ${parts.join(',')}`)).toEqual(claim)
})

test.each([undefined, '', '  '])('without a header there is no authentication: %j', (header) => {
  expect(() => readAuthorization(header)).toThrow(expect.objectContaining({ code: 'AUTHENTICATION_MISSING' }))
})

test.each([
  'Basic dXNlcjpwYXNz',
  'AWS4-HMAC-SHA256',
  `AWS4-HMAC-SHA256Credential=${SCOPE}, SignedHeaders=host, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host, Signature=`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host, Signature=abc`,
  `AWS4-HMAC-SHA256 Credential=AKID/2026/us-west-2/ivs/aws4_request, SignedHeaders=host, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 Credential=/20260830/us-west-2/ivs/aws4_request, SignedHeaders=host, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}x, SignedHeaders=host, Signature=${SIGNATURE}`,
  `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=${'h'.repeat(5000)}, Signature=${SIGNATURE}`,
])('refuses %s', (header) => {
  expect(() => readAuthorization(header)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INCOMPLETE' }))
})

test('no text makes it fail in another way, or repeat the text', () => {
  const word = fc.constantFrom(
    'AWS4-HMAC-SHA256 ',
    'Credential=',
    'SignedHeaders=',
    'Signature=',
    ', ',
    '/',
    SIGNATURE,
    SCOPE,
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
      try {
        readAuthorization(words.join(''))
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        expect(error.message).not.toContain(SIGNATURE)
      }
    }),
  )
})
