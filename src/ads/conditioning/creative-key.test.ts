import { expect, test } from 'vitest'
import { assetIdOf, creativeKey, isCreativeKey } from './creative-key.ts'

const PROFILE = { fingerprint: 'f' }

test('differs by creative id, file and profile, wherever one ends and the next begins', () => {
  const keys = [
    creativeKey({ creativeId: 'a', url: 'b' }, PROFILE),
    creativeKey({ creativeId: '', url: 'ab' }, PROFILE),
    creativeKey({ creativeId: 'ab', url: '' }, PROFILE),
    creativeKey({ creativeId: 'a', url: 'b' }, { fingerprint: 'g' }),
  ]
  expect(new Set(keys).size).toBe(4)
  expect(keys.every(isCreativeKey)).toBe(true)
})

test('is the name of a directory and nothing else', () => {
  expect(isCreativeKey('../'.padEnd(64, 'a'))).toBe(false)
  expect(isCreativeKey('A'.repeat(64))).toBe(false)
})

test('makes a UUID of version 8 of a key (RFC 9562 §5.8)', () => {
  expect(assetIdOf('0123456789abcdeffedcba98'.padEnd(64, '0'))).toBe('01234567-89ab-8def-bedc-ba9800000000')
})
