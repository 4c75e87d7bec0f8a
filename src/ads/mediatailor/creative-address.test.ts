import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  creativeFolder,
  creativeFolderPath,
  parseCreativePath,
  playlistFile,
  segmentFile,
} from './creative-address.ts'

const ACCOUNT = 'c2311e92660de47b456e721b0dabc9f857ab48f0'
const CREATIVE = { key: 'a1'.repeat(32), durationTicks: 900_000 }
const FOLDER = creativeFolderPath('', ACCOUNT, creativeFolder(CREATIVE))

test.each([
  ['asset.m3u8', { kind: 'playlist', isReported: false, rendition: undefined }],
  ['reported_audio_only.m3u8', { kind: 'playlist', isReported: true, rendition: 'audio_only' }],
  [playlistFile(true), { kind: 'playlist', isReported: true, rendition: undefined }],
  [playlistFile(false, '720p60'), { kind: 'playlist', isReported: false, rendition: '720p60' }],
  ['asset_chunked_00001.ts', { kind: 'segment', rendition: 'chunked', segment: 0 }],
  [segmentFile('audio_only', 41), { kind: 'segment', rendition: 'audio_only', segment: 41 }],
])('%s is a file of a creative', (name, file) => {
  expect(parseCreativePath(FOLDER + name)).toEqual({ accountHash: ACCOUNT, creative: CREATIVE, file })
})

test.each([
  `${FOLDER}asset_chunked_00000.ts`,
  `${FOLDER}asset_chunked_1.ts`,
  `${FOLDER}reported_chunked_00001.ts`,
  `${FOLDER}../asset.m3u8`,
  `${FOLDER}creative.json`,
  `/tm/${ACCOUNT}/${CREATIVE.key}/asset.m3u8`,
  `/tm/${ACCOUNT}/..-5/asset.m3u8`,
  `/tm/${ACCOUNT}/${CREATIVE.key}-0/asset.m3u8`,
  `/tm/me/${CREATIVE.key}-900000/asset.m3u8`,
  `/live${FOLDER}asset.m3u8`,
])('there is nothing at %s', (path) => {
  expect(parseCreativePath(path)).toBeUndefined()
})

test('any text is an address or none', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (folder, name) => {
      const found = parseCreativePath(`/tm/${ACCOUNT}/${folder}/${name}`)
      if (found) expect(creativeFolder(found.creative)).toBe(folder)
    }),
  )
})
