import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTrustedProxies, viewerAddress } from './viewer-address.ts'

const trusted = parseTrustedProxies('10.0.0.0/8, 192.0.2.1,2001:db8:1::/48')

const CASES = [
  ['no header', '10.0.0.1', undefined, '10.0.0.1'],
  ['a header that nobody trusted wrote', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['a made-up entry further left', '10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
  ['a chain of proxies', '10.0.0.1', '203.0.113.9, 192.0.2.1,10.1.2.3', '203.0.113.9'],
  ['only proxies', '10.0.0.1', '10.0.0.3,10.0.0.2', '10.0.0.3'],
  ['something that is no address', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['nothing at the end', '10.0.0.1', '203.0.113.9,', '10.0.0.1'],
  ['an empty header', '10.0.0.1', '', '10.0.0.1'],
  ['a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['an IPv6 address with port', '10.0.0.1', '[2001:db8:2::9]:4711', '2001:db8:2::9'],
  ['a proxy reached over IPv6', '2001:db8:1::5', '2001:db8:2::9', '2001:db8:2::9'],
  ['IPv4 written as IPv6', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ['a zone', 'fe80::1%eth0', '203.0.113.9', 'fe80::1'],
  ['a socket that is gone', '', '203.0.113.9', ''],
] as const
test.each(CASES)('finds the viewer behind %s', (_what, remote, header, expected) => {
  expect(viewerAddress(remote, header, trusted)).toBe(expected)
})

test('without trusted proxies the header does not count', () => {
  expect(viewerAddress('127.0.0.1', '203.0.113.9', undefined)).toBe('127.0.0.1')
  expect(viewerAddress('127.0.0.1', '203.0.113.9', parseTrustedProxies(''))).toBe('127.0.0.1')
})

const BAD_LISTS = [
  'localhost',
  '10.0.0.0/33',
  '2001:db8::/129',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0/8',
  'fe80::1%eth0',
  '10.0.0.0/-1',
]
test.each(BAD_LISTS)('%s is no list of proxies', (text) => {
  expect(parseTrustedProxies(text)).toBeUndefined()
})

test('an entry is never believed unless everything to its right is a trusted proxy', () => {
  const address = fc.oneof(
    fc.ipV4().filter((one) => !trusted?.has(one)),
    fc.constantFrom('10.9.8.7', '192.0.2.1'),
    fc.string({ maxLength: 8 }).filter((text) => !text.includes(',')),
  )
  fc.assert(
    fc.property(
      fc.array(address, { maxLength: 5 }),
      fc.constantFrom('10.0.0.1', '198.51.100.7'),
      (hops, remote) => {
        const found = viewerAddress(remote, hops.length > 0 ? hops.join(',') : undefined, trusted)
        const chain = [...hops.map((hop) => hop.trim()), remote]
        const at = chain.lastIndexOf(found)
        expect(at).toBeGreaterThanOrEqual(0)
        for (const proxy of chain.slice(at + 1)) expect(trusted?.has(proxy)).toBe(true)
      },
    ),
  )
})

test('any header gives an answer', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (header) => {
      expect(viewerAddress('10.0.0.1', header, trusted)).toMatch(/^[0-9a-fA-F.:]+$/)
    }),
  )
})
