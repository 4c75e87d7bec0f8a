import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCountryCode } from './countries.ts'
import { newPlaybackRestrictionPolicy } from './playback-restriction-policy.ts'

const BIRTH = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
const allow = (origin: string) => newPlaybackRestrictionPolicy(BIRTH, { allowedOrigins: [origin] })

test('knows the 249 assigned countries', () => {
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  const codes = letters.flatMap((first) => letters.map((second) => first + second))
  expect(codes.filter(isCountryCode)).toHaveLength(249)
  for (const none of ['XX', 'UK', 'EU', 'XK', 'ZZ', 'de', 'D', '', ' DE'])
    expect(isCountryCode(none)).toBe(false)
})

test.each([
  '*',
  'https://example.com',
  'http://localhost:3000',
  'https://*.example.com',
  'https://*',
  'https://*:8443',
  'http://192.0.2.1:1',
  'http://[2001:db8::1]:65535',
  'capacitor://localhost',
])('takes the origin %s', (origin) => {
  expect(allow(origin).allowedOrigins).toEqual([origin])
})

test.each([
  '',
  '**',
  'example.com',
  '*.example.com',
  '//example.com',
  'https://',
  'https://example.com/',
  'https://example.com/path',
  'https://example.com?q',
  'https://user@example.com',
  'https://exa mple.com',
  'https://a.*.com',
  'https://example.com:',
  'https://example.com:65536',
  'https://example.com:123456',
  'null',
  '1https://example.com',
  'https://example.com\n',
])('refuses the origin "%s"', (origin) => {
  expect(() => allow(origin)).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
})

test('takes every origin that a browser would send', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
  const url = fc.tuple(
    fc.constantFrom('http', 'https'),
    fc.oneof(
      fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `x${labels.join('.')}`),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    ),
    fc.integer({ min: 0, max: 65_535 }),
  )
  fc.assert(
    fc.property(url, ([scheme, host, port]) => {
      const page = URL.parse(`${scheme}://${host}:${port}/page?q=1`)
      // What the URL standard itself refuses has no origin.
      fc.pre(page !== null)
      expect(allow(page.origin).allowedOrigins).toEqual([page.origin])
    }),
  )
})

test('any text is an origin or is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        allow(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'VALIDATION' })
      }
    }),
  )
})
