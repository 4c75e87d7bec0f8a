import { expect, test } from 'vitest'
import { RevokedVersions } from './revoked-versions.ts'

const revocation = (channelArn: string, viewerId: string, version: number, revokedAtMs = 1) => ({
  accountId: '000000000000',
  ...{ channelArn, viewerId, version, revokedAtMs },
})

test('covers every version up to the highest revoked one, of that viewer on that channel', () => {
  const versions = new RevokedVersions()
  versions.add(revocation('a', 'ann', 5))
  versions.add(revocation('a', 'ann', 3))
  expect([4, 5, 6].map((version) => versions.covers('a', 'ann', version))).toEqual([true, true, false])
  expect(versions.covers('a', 'bob', 0)).toBe(false)
  expect(versions.covers('b', 'ann', 0)).toBe(false)
  expect(versions.size).toEqual({ revocations: 1, coarseChannels: 0 })
})

test('forgets what was not revoked again since', () => {
  const versions = new RevokedVersions()
  versions.add(revocation('a', 'ann', 0, 10))
  versions.add(revocation('a', 'bob', 0, 10))
  versions.add(revocation('a', 'bob', 0, 20))
  versions.forgetBefore(20)
  expect(versions.covers('a', 'ann', 0)).toBe(false)
  expect(versions.covers('a', 'bob', 0)).toBe(true)
  versions.forgetBefore(21)
  expect(versions.size).toEqual({ revocations: 0, coarseChannels: 0 })
})

test('a time that is heard of late does not make a revocation end earlier', () => {
  const versions = new RevokedVersions()
  versions.add(revocation('a', 'ann', 0, 20))
  versions.add(revocation('a', 'ann', 1, 10))
  versions.forgetBefore(20)
  expect(versions.covers('a', 'ann', 1)).toBe(true)
})

test('without room the largest list becomes one rule: nobody revoked gets in, other channels do not notice', () => {
  const versions = new RevokedVersions(10)
  versions.add(revocation('small', 'ann', 0, 50))
  const merged: string[] = []
  for (let index = 0; index < 10; index++) {
    merged.push(...versions.add(revocation('large', `viewer ${index}`, index, index)))
  }
  expect(merged).toEqual(['large'])
  expect(versions.size).toEqual({ revocations: 1, coarseChannels: 1 })
  for (let index = 0; index < 10; index++) {
    expect(versions.covers('large', `viewer ${index}`, index)).toBe(true)
  }
  expect(versions.covers('large', 'viewer 3', 10)).toBe(false)
  expect([versions.covers('small', 'ann', 0), versions.covers('small', 'bob', 0)]).toEqual([true, false])
  versions.forgetBefore(10)
  expect(versions.covers('large', 'viewer 3', 3)).toBe(false)
  expect(versions.covers('small', 'ann', 0)).toBe(true)
})
