import { expect, test } from 'vitest'
import type { Channel } from '../../domain/channel.ts'
import type { LiveMedia, LiveRendition, RenditionDescription } from '../../domain/live.ts'
import { adProfileOf, plannedAdProfile } from './ad-profile.ts'

type Shown = { readonly name: string; readonly description?: Partial<RenditionDescription> }

function live(type: Channel['type'], ...shown: readonly Shown[]): LiveMedia {
  const renditions = shown.map(({ name, description }) => ({
    name,
    hasVideo: name !== 'audio_only',
    description: () => description,
  }))
  return {
    channel: { type, preset: '' } as Channel,
    renditions: renditions as unknown as LiveRendition[],
  } as unknown as LiveMedia
}

const FULL_HD = { width: 1920, height: 1080, frameRate: 59.94, averageBitrateBps: 6_050_000 }

test('gives a channel without a ladder creatives like its source, with half of 60 frames and less bitrate', () => {
  const profile = adProfileOf(
    live('BASIC', { name: 'chunked', description: FULL_HD }, { name: 'audio_only' }),
  )
  expect(profile?.renditions).toEqual([
    {
      name: 'chunked',
      video: { width: 1920, height: 1080, frameRate: 30, bitrateBps: 4_700_000 },
      audioBitrateBps: 128_000,
    },
    { name: 'audio_only', video: undefined, audioBitrateBps: 128_000 },
  ])
})

test.each([
  [60, 30],
  [59.94, 30],
  [50, 25],
  [30, 30],
  [29.97, 30],
  [25.01, 25],
  [23.976, 24],
  [15, 15],
  [12.6, 13],
  [1, 10],
  [120, 30],
])('makes of %d frames a second %d', (frameRate, expected) => {
  const profile = adProfileOf(live('BASIC', { name: 'chunked', description: { ...FULL_HD, frameRate } }))
  expect(profile?.renditions[0]?.video?.frameRate).toBe(expected)
})

test('gives the same fingerprint to channels whose sources differ a little', () => {
  const fingerprints = [5_600_000, 6_000_000, 6_400_000].map(
    (averageBitrateBps) =>
      adProfileOf(live('BASIC', { name: 'chunked', description: { ...FULL_HD, averageBitrateBps } }))
        ?.fingerprint,
  )
  expect(new Set(fingerprints).size).toBe(1)
})

test('keeps the profile of a stream whose source needs less for a while', () => {
  const description = { ...FULL_HD }
  const media = live('BASIC', { name: 'chunked', description })
  const before = adProfileOf(media)
  description.averageBitrateBps = 300_000
  expect(adProfileOf(media)).toBe(before)
})

test('makes another profile of a source that changes its size, with the bitrate class that it had', () => {
  const description = { ...FULL_HD }
  const media = live('BASIC', { name: 'chunked', description })
  adProfileOf(media)
  Object.assign(description, { width: 1281, height: 721, averageBitrateBps: 300_000 })
  expect(adProfileOf(media)?.renditions[0]?.video).toEqual({
    ...{ width: 1280, height: 720, frameRate: 30, bitrateBps: 4_700_000 },
  })
})

test('knows nothing before the best rendition can be played', () => {
  expect(adProfileOf(live('BASIC', { name: 'chunked' }))).toBeUndefined()
  expect(adProfileOf(live('BASIC'))).toBeUndefined()
})

test('gives rungs the bitrates of the ladder whatever they need at the moment, also rungs that are still to come', () => {
  const top = { width: 1280, height: 720, frameRate: 30, averageBitrateBps: 900_000 }
  const early = adProfileOf(live('STANDARD', { name: '720p30', description: top }, { name: 'audio_only' }))
  const late = adProfileOf(
    live(
      'STANDARD',
      { name: '720p30', description: { ...top, averageBitrateBps: 2_500_000 } },
      {
        name: '480p30',
        description: { width: 852, height: 480, frameRate: 30, averageBitrateBps: 1_000_000 },
      },
      { name: 'audio_only' },
    ),
  )
  expect(early?.renditions.map(({ name, video }) => [name, video?.bitrateBps])).toEqual([
    ['720p30', 2_400_000],
    ['audio_only', undefined],
    ['480p30', 1_400_000],
    ['360p30', 630_000],
    ['160p30', 230_000],
  ])
  expect(late?.fingerprint).toBe(early?.fingerprint)
})

test('plans for a channel that is not live what it will have when it is', () => {
  const source = { width: 1920, height: 1080, frameRate: 30, bitrateBps: 6_000_000 }
  const planned = plannedAdProfile({ type: 'ADVANCED_HD', preset: 'HIGHER_BANDWIDTH_DELIVERY', ...source })
  const media = live(
    'ADVANCED_HD',
    {
      name: '720p30',
      description: { width: 1280, height: 720, frameRate: 30, averageBitrateBps: 2_000_000 },
    },
    { name: 'audio_only' },
  )
  expect(adProfileOf(media)?.fingerprint).toBe(planned.fingerprint)
})
