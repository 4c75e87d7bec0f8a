import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTokenClaims } from './token-claims.ts'
import { readTokenForm } from './token-form.ts'

const segment = (text: string): string => Buffer.from(text).toString('base64url')
const HEADER = segment('{"alg":"ES384","typ":"JWT"}')

test('any text is read or refused, never more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(readTokenForm(text).kind).toMatch(/^(readable|malformed)$/)
    }),
  )
})

test('any JSON as claims is read or refused, and what is taken is of its kind', () => {
  const names = [
    'aws:channel-arn',
    'exp',
    'nbf',
    'iat',
    'aws:viewer-id',
    'aws:viewer-session-version',
    'aws:access-control-allow-origin',
    'aws:strict-origin-enforcement',
    'aws:single-use-uuid',
    'aws:maximum-resolution',
    'aws:ads-opt-out',
    'aws:ads-player-params',
    'aws:ads-playback-config-name',
    'aws:ads-reporting-mode',
    '__proto__',
    'constructor',
  ]
  const claims = fc.dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 6 })
  fc.assert(
    fc.property(fc.oneof(claims, fc.jsonValue()), (payload) => {
      const form = readTokenForm(`${HEADER}.${segment(JSON.stringify(payload))}.AAAA`)
      if (form.kind === 'malformed') return
      const outcome = readTokenClaims(form.claims)
      if (outcome.kind === 'broken') return
      expect(typeof outcome.claims.channelArn).toBe('string')
      expect(Number.isSafeInteger(outcome.claims.expiresAtS)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a claim that every object has anyway does not count as given', () => {
  const outcome = readTokenClaims(
    JSON.parse('{"aws:channel-arn":"a","__proto__":{"exp":1}}') as object as never,
  )
  expect(outcome).toEqual({ kind: 'broken', fault: 'exp is missing' })
})
