import { expect, test } from 'vitest'
import { amf0Object } from '../media/amf0/amf0-writer.ts'
import { readAnnouncement } from './publisher-announcement.ts'

test.each([
  [
    'what OBS says',
    {
      encoder: 'obs-output module (libobs version 30.0.0)',
      videodatarate: 2500,
      audiodatarate: 160,
      framerate: 60,
    },
    {
      encoder: 'obs-output module (libobs version 30.0.0)',
      videoBitrateBps: 2_500_000,
      audioBitrateBps: 160_000,
      frameRate: 60,
    },
  ],
  [
    'numbers as text, and fps',
    { videodatarate: '195.3125', fps: '30.00' },
    { videoBitrateBps: 195_313, frameRate: 30 },
  ],
  ['nothing', {}, {}],
  ['nonsense', { encoder: 7, videodatarate: -1, audiodatarate: NaN, framerate: 1e9, fps: 'many' }, {}],
  ['zeros, which mean unknown', { videodatarate: 0, framerate: 0 }, {}],
  ['control characters', { encoder: 'a\n\u0007b' }, { encoder: 'ab' }],
])('reads %s', (_name, metadata, expected) => {
  expect(readAnnouncement(amf0Object(metadata))).toEqual(expected)
})

test('keeps a bounded part of a long encoder name', () => {
  expect(readAnnouncement(amf0Object({ encoder: 'x'.repeat(1000) })).encoder).toHaveLength(128)
})
