import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serviceIn } from './signed-for.ts'

const header = (credential: string) =>
  `AWS4-HMAC-SHA256 SignedHeaders=host, Credential=${credential}, Signature=${'0'.repeat(64)}`

test.each([
  [header('AKID/20260101/us-west-2/mediatailor/aws4_request'), 'mediatailor'],
  ['AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/ivs/aws4_request', 'ivs'],
  [header('AKID/20260101/us-west-2/mediatailor'), undefined],
  [header('AKID'), undefined],
  ['Bearer Credential=AKID/20260101/us-west-2/mediatailor/aws4_request', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is signed for %s', (authorization, service) => {
  expect(serviceIn(authorization)).toBe(service)
})

test('of any text comes one step of a scope or nothing', () => {
  const credential = fc
    .string({ unit: 'binary', maxLength: 600 })
    .map((text) => `AKID/20260101/us-west-2/${text}/`)
  fc.assert(
    fc.property(credential, (text) => {
      expect(serviceIn(header(text)) ?? 'none').toMatch(/^[^/,\s]{1,40}$/)
    }),
  )
})
