import { expect, test } from 'vitest'
import { chooseMedia } from './choose-media.ts'
import type { MediaFile } from './resolved-ad.ts'

function file(url: string, changes: Partial<MediaFile> = {}): MediaFile {
  return {
    url,
    delivery: 'progressive',
    mimeType: 'video/mp4',
    bitrateKbps: undefined,
    width: undefined,
    height: undefined,
    codec: undefined,
    isMezzanine: false,
    ...changes,
  }
}

const HLS = file('hls', { delivery: 'streaming', mimeType: 'application/x-mpegurl', bitrateKbps: 9000 })
const SMALL = file('small', { bitrateKbps: 800 })
const LARGE = file('large', { bitrateKbps: 5000 })
const WEBM = file('webm', { mimeType: 'video/webm', bitrateKbps: 8000 })
const MEZZANINE = file('mezzanine', { isMezzanine: true })

function choose(mediaFiles: readonly MediaFile[], prefersStreaming = false): string | undefined {
  return chooseMedia({ mediaFiles }, { prefersStreaming, topBitrateBps: 4_000_000 })?.url
}

test.each([
  ['the MP4 of the highest bitrate', [SMALL, LARGE, WEBM, HLS], 'large'],
  [
    'the highest there is when none reaches the top rendition',
    [file('tiny', { bitrateKbps: 300 }), SMALL],
    'small',
  ],
  ['no mezzanine while an MP4 reaches the top rendition', [MEZZANINE, LARGE], 'large'],
  ['the mezzanine when no MP4 does', [SMALL, MEZZANINE], 'mezzanine'],
  ['the mezzanine when there is nothing else', [MEZZANINE], 'mezzanine'],
  [
    'no mezzanine of a type that cannot be read',
    [file('raw', { isMezzanine: true, mimeType: 'application/mxf' }), SMALL],
    'small',
  ],
  ['other progressive files without an MP4', [WEBM, HLS], 'webm'],
  ['a streaming file without any other', [HLS], 'hls'],
  [
    'the larger picture of equal bitrates',
    [file('a', { width: 640, height: 360 }), file('b', { width: 1280, height: 720 })],
    'b',
  ],
  ['the first of equals', [file('a'), file('b')], 'a'],
  [
    'nothing of unknown types',
    [file('x', { mimeType: 'audio/mpeg' }), file('y', { mimeType: '' })],
    undefined,
  ],
  ['nothing of nothing', [], undefined],
])('chooses %s', (_, files, url) => {
  expect(choose(files)).toBe(url)
})

test('prefers streaming files when asked to, and takes progressive ones without', () => {
  expect(choose([LARGE, HLS], true)).toBe('hls')
  expect(choose([LARGE, SMALL], true)).toBe('large')
})
