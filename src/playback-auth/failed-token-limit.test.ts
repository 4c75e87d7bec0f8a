import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { FailedTokenLimit } from './failed-token-limit.ts'

function setUp(perMinute = 6) {
  const clock = new ManualClock()
  const limit = new FailedTokenLimit(clock, perMinute)
  const fail = (address: string, times = 1): void => {
    for (let count = 0; count < times; count++) limit.count(address)
  }
  return { clock, limit, fail }
}

test('an address may fail so often at once, and then as often as time goes by', () => {
  const { clock, limit, fail } = setUp()
  fail('192.0.2.1', 5)
  expect(limit.allows('192.0.2.1')).toBe(true)
  fail('192.0.2.1')
  expect(limit.allows('192.0.2.1')).toBe(false)
  clock.advance(9_999)
  expect(limit.allows('192.0.2.1')).toBe(false)
  clock.advance(1)
  expect(limit.allows('192.0.2.1')).toBe(true)
})

test('an hour of quiet does not save up for more', () => {
  const { clock, limit, fail } = setUp()
  fail('192.0.2.1')
  clock.advance(3_600_000)
  fail('192.0.2.1', 6)
  expect(limit.allows('192.0.2.1')).toBe(false)
})

test('whoever fails more often than allowed waits longer, but no more than a minute and a half', () => {
  const { clock, limit, fail } = setUp()
  fail('192.0.2.1', 1000)
  clock.advance(60_000)
  expect(limit.allows('192.0.2.1')).toBe(false)
  clock.advance(10_000)
  expect(limit.allows('192.0.2.1')).toBe(true)
})

test('IPv4 addresses count alone, IPv6 addresses with their network', () => {
  const { limit, fail } = setUp(1)
  fail('192.0.2.1')
  fail('2001:db8:0:1::1')
  const others = ['192.0.2.2', '2001:db8:0:2::1', '2001:db8::1', '::1', 'fe80::1']
  expect(others.map((address) => limit.allows(address))).toEqual(others.map(() => true))
  const same = ['192.0.2.1', '2001:db8:0:1:ffff::', '2001:DB8:0000:0001:0:0:0:2', '2001:db8:0:1::']
  expect(same.map((address) => limit.allows(address))).toEqual(same.map(() => false))
})

test('so many addresses are remembered and no more', () => {
  const { limit, fail } = setUp(1)
  for (let index = 0; index < 50_010; index++) fail(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)
  expect(limit.addresses).toBe(50_000)
  expect(limit.allows('10.0.0.0')).toBe(true)
  expect(limit.allows('10.0.195.80')).toBe(false)
})
