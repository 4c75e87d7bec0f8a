import { describe, expect, test } from 'vitest'
import { isAddressAllowed, isNameAllowed, parseTargetAllowList } from './target-allow-list.ts'
import { isPublicAddress } from './target-guard.ts'

describe('public addresses', () => {
  test.each(['8.8.8.8', '203.0.114.1', '2606:4700::1111', '2a00:1450:4001::1'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('%s is none (ssai §7.6)', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('the list of allowed targets', () => {
  const list = parseTargetAllowList(
    ' Ads.Internal, cdn.internal:8443,10.0.0.0/8, 127.0.0.1:9000 ,[::1]:9000,fd00::/8,192.168.1.7',
  )!

  test.each([
    ['ads.internal', 80, true],
    ['ads.internal', 8443, true],
    ['cdn.internal', 8443, true],
    ['cdn.internal', 443, false],
    ['evil-ads.internal', 80, false],
  ])('for the name %s and port %i says %s', (name, port, allowed) => {
    expect(isNameAllowed(list, name, port)).toBe(allowed)
  })

  test.each([
    ['10.200.0.1', 80, true],
    ['11.0.0.1', 80, false],
    ['127.0.0.1', 9000, true],
    ['127.0.0.1', 9001, false],
    ['::1', 9000, true],
    ['fd12::1', 443, true],
    ['192.168.1.7', 443, true],
    ['192.168.1.8', 443, false],
    ['::ffff:10.0.0.1', 80, false],
  ])('for the address %s and port %i says %s', (address, port, allowed) => {
    expect(isAddressAllowed(list, address, port)).toBe(allowed)
  })

  test('may be empty', () => {
    expect(parseTargetAllowList('')).toEqual([])
  })

  test.each([
    '10.0.0.0/33',
    '10.0.0',
    '10.0.0.0/8:80',
    'a b',
    'host:0',
    'host:70000',
    'host:',
    'http://host',
    '*',
    '300.1.1.1',
  ])('cannot be read when it holds %s', (entry) => {
    expect(parseTargetAllowList(`ads.internal,${entry}`)).toBeUndefined()
  })
})
