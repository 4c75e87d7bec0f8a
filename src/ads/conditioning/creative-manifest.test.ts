import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RECIPE_VERSION } from './creative-key.ts'
import { parseManifest, sizeBytesOf, type CreativeManifest } from './creative-manifest.ts'

const KEY = 'a'.repeat(64)
const MANIFEST: CreativeManifest = {
  recipe: RECIPE_VERSION,
  key: KEY,
  durationTicks: 90_000,
  tracks: [
    { kind: 'video', file: 'video-0.ts', sizeBytes: 1000, digest: 'b'.repeat(64), renditions: ['chunked'] },
    { kind: 'audio', file: 'audio-1.ts', sizeBytes: 200, digest: 'c'.repeat(64), renditions: ['chunked'] },
  ],
}

test('reads what was written', () => {
  expect(parseManifest(JSON.stringify(MANIFEST), KEY)).toEqual(MANIFEST)
  expect(sizeBytesOf(MANIFEST)).toBe(1200)
})

test.each([
  ['another creative', { key: 'd'.repeat(64) }],
  ['another recipe', { recipe: RECIPE_VERSION + 1 }],
  ['no tracks', { tracks: [] }],
  ['no length', { durationTicks: 0 }],
  ['a file elsewhere', { tracks: [{ ...MANIFEST.tracks[0], file: '../../etc/passwd' }] }],
  ['a size below zero', { tracks: [{ ...MANIFEST.tracks[0], sizeBytes: -1 }] }],
  ['one damaged track', { tracks: [MANIFEST.tracks[0], null] }],
])('does not take the manifest of %s', (_, change) => {
  expect(parseManifest(JSON.stringify({ ...MANIFEST, ...change }), KEY)).toBeUndefined()
})

test('takes no damaged text for a manifest, and never throws', () => {
  const text = JSON.stringify(MANIFEST)
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      const read = parseManifest(text.slice(0, at) + put + text.slice(at + 1), KEY)
      expect(read === undefined || read.key === KEY).toBe(true)
    }),
  )
  fc.assert(fc.property(fc.json(), (json) => parseManifest(json, KEY) === undefined))
})
