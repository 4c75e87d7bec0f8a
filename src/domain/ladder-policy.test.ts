import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChannelType, TranscodePreset } from './channel.ts'
import type { Rung } from './ladder.ts'
import { keyframePlanFor, planLadder } from './ladder-policy.ts'
import type { LadderInput } from './ladder-policy.ts'

const HIGHER = 'HIGHER_BANDWIDTH_DELIVERY'
const CONSTRAINED = 'CONSTRAINED_BANDWIDTH_DELIVERY'

/** A rung on one line: name, size, frames, bitrates in thousands, names of viewers. */
function line({ name, displayName, video, audio }: Rung): string {
  const sound = audio.kind === 'passthrough' ? 'audio as is' : `audio ${audio.bitrateBps / 1000}k`
  if (!video) return `${name}: ${sound}`
  if (video.kind === 'passthrough') return `${name} "${displayName}": as is, ${sound}`
  const { width, height, bitrateBps, keepEvery, frameRate } = video
  const rate = `${Number(frameRate.toFixed(3))}/s (1 of ${keepEvery})`
  return `${name} "${displayName}": ${width}x${height} ${rate} ${bitrateBps / 1000}k, ${sound}`
}

function plan(
  type: ChannelType,
  preset: TranscodePreset,
  size: readonly [number, number],
  frameRate: number,
): string[] {
  const [width, height] = size
  return planLadder({ type, preset, width, height, frameRate, hasAudio: true }).map(line)
}

type Row = readonly [input: string, size: readonly [number, number], frameRate: number, rungs: string[]]

describe('STANDARD (§2.1)', () => {
  const low60 = [
    '480p30 "480p": 852x480 30/s (1 of 2) 1400k, audio as is',
    '360p30 "360p": 640x360 30/s (1 of 2) 630k, audio 64k',
    '160p30 "160p": 284x160 30/s (1 of 2) 230k, audio 48k',
    'audio_only: audio as is',
  ]
  const low30 = low60.map((text) => text.replace('1 of 2', '1 of 1'))
  const top60 = '720p60 "720p60": 1280x720 60/s (1 of 1) 3400k, audio as is'
  const top30 = '720p30 "720p30": 1280x720 30/s (1 of 1) 2400k, audio as is'
  const rows: Row[] = [
    ['1080p60', [1920, 1080], 60, ['chunked "1080p60": as is, audio as is', top60, ...low60]],
    ['900p60', [1600, 900], 60, ['chunked "900p60": as is, audio as is', top60, ...low60]],
    ['1080p30', [1920, 1080], 30, ['chunked "1080p30": as is, audio as is', top30, ...low30]],
    ['720p60', [1280, 720], 60, [top60, ...low60]],
    ['720p30', [1280, 720], 30, [top30, ...low30]],
    ['540p60', [960, 540], 60, low60],
    ['540p30', [960, 540], 30, low30],
    ['480p30', [852, 480], 30, low30],
  ]
  test.each(rows)('makes of %s the documented rungs', (_input, size, frameRate, rungs) => {
    expect(plan('STANDARD', '', size, frameRate)).toEqual(rungs)
  })
})

describe('ADVANCED_HD (§2.2)', () => {
  const low = (rates: readonly [number, number, number], keepEvery: number) => [
    `480p30 "480p": 852x480 30/s (1 of ${keepEvery}) ${rates[0]}k, audio 128k`,
    `360p30 "360p": 640x360 30/s (1 of ${keepEvery}) ${rates[1]}k, audio 64k`,
    `160p30 "160p": 284x160 30/s (1 of ${keepEvery}) ${rates[2]}k, audio 48k`,
    'audio_only: audio 64k',
  ]
  const presets = [
    { preset: HIGHER, top60: 3000, top30: 2300, rates: [1300, 700, 270] },
    { preset: '', top60: 3000, top30: 2300, rates: [1300, 700, 270] },
    { preset: CONSTRAINED, top60: 2200, top30: 1900, rates: [800, 400, 220] },
  ] as const
  describe.each(presets)('with preset "$preset"', ({ preset, top60, top30, rates }) => {
    const at60 = `720p60 "720p60": 1280x720 60/s (1 of 1) ${top60}k, audio 128k`
    const at30 = `720p30 "720p30": 1280x720 30/s (1 of 1) ${top30}k, audio 128k`
    const own60 = `540p60 "540p60": 960x540 60/s (1 of 1) ${top30}k, audio 128k`
    const own30 = `540p30 "540p": 960x540 30/s (1 of 1) ${top30}k, audio 128k`
    const rows: Row[] = [
      ['1080p60', [1920, 1080], 60, [at60, ...low(rates, 2)]],
      ['720p60', [1280, 720], 60, [at60, ...low(rates, 2)]],
      ['1080p30', [1920, 1080], 30, [at30, ...low(rates, 1)]],
      ['720p30', [1280, 720], 30, [at30, ...low(rates, 1)]],
      ['540p60', [960, 540], 60, [own60, ...low(rates, 2)]],
      ['540p30', [960, 540], 30, [own30, ...low(rates, 1)]],
      ['480p30', [852, 480], 30, low(rates, 1)],
      ['480p60', [852, 480], 60, low(rates, 2)],
    ]
    test.each(rows)('makes of %s the documented rungs', (_input, size, frameRate, rungs) => {
      expect(plan('ADVANCED_HD', preset, size, frameRate)).toEqual(rungs)
    })
  })
})

describe('ADVANCED_SD (§2.3)', () => {
  const presets = [
    { preset: HIGHER, rates: [1300, 700, 270] },
    { preset: '', rates: [1300, 700, 270] },
    { preset: CONSTRAINED, rates: [800, 400, 220] },
  ] as const
  const sources = [
    [1920, 1080],
    [1280, 720],
    [960, 540],
    [852, 480],
  ] as const
  const rows = presets.flatMap((row) => sources.map((size) => ({ ...row, size })))
  test.each(rows)('makes the same of $size with preset "$preset"', ({ preset, rates, size }) => {
    expect(plan('ADVANCED_SD', preset, size, 30)).toEqual([
      `480p30 "480p": 852x480 30/s (1 of 1) ${rates[0]}k, audio 128k`,
      `360p30 "360p": 640x360 30/s (1 of 1) ${rates[1]}k, audio 64k`,
      `160p30 "160p": 284x160 30/s (1 of 1) ${rates[2]}k, audio 48k`,
      'audio_only: audio 64k',
    ])
  })
})

describe('any source', () => {
  test('passes through on BASIC, with its sound alone on request (§2, §6.1)', () => {
    expect(plan('BASIC', '', [640, 360], 29.97)).toEqual([
      'chunked "360p30": as is, audio as is',
      'audio_only: audio as is',
    ])
  })

  test('in portrait gets the rungs of its shorter edge', () => {
    expect(plan('STANDARD', '', [720, 1280], 30)).toEqual([
      '720p30 "720p30": 720x1280 30/s (1 of 1) 2400k, audio as is',
      '480p30 "480p": 480x852 30/s (1 of 1) 1400k, audio as is',
      '360p30 "360p": 360x640 30/s (1 of 1) 630k, audio 64k',
      '160p30 "160p": 160x284 30/s (1 of 1) 230k, audio 48k',
      'audio_only: audio as is',
    ])
  })

  test('keeps an odd aspect ratio on every rung', () => {
    expect(plan('STANDARD', '', [1024, 768], 25)).toEqual([
      'chunked "768p25": as is, audio as is',
      '720p30 "720p30": 960x720 25/s (1 of 1) 2400k, audio as is',
      '480p30 "480p": 640x480 25/s (1 of 1) 1400k, audio as is',
      '360p30 "360p": 480x360 25/s (1 of 1) 630k, audio 64k',
      '160p30 "160p": 212x160 25/s (1 of 1) 230k, audio 48k',
      'audio_only: audio as is',
    ])
  })

  test('below 480p gets no rung above its own size, and one of its own size', () => {
    expect(plan('STANDARD', '', [640, 360], 30)).toEqual([
      '360p30 "360p": 640x360 30/s (1 of 1) 630k, audio 64k',
      '160p30 "160p": 284x160 30/s (1 of 1) 230k, audio 48k',
      'audio_only: audio as is',
    ])
    expect(plan('ADVANCED_HD', CONSTRAINED, [426, 240], 60)).toEqual([
      '240p30 "240p": 426x240 30/s (1 of 2) 400k, audio 64k',
      '160p30 "160p": 284x160 30/s (1 of 2) 220k, audio 48k',
      'audio_only: audio 64k',
    ])
    expect(plan('ADVANCED_SD', '', [176, 144], 15)).toEqual([
      '144p30 "144p": 176x144 15/s (1 of 1) 270k, audio 48k',
      'audio_only: audio 64k',
    ])
  })

  test('with odd edges is cut to even ones, and belongs where those belong', () => {
    expect(plan('STANDARD', '', [853, 481], 30)[0]).toContain('480p30 "480p": 852x480')
    expect(plan('STANDARD', '', [1281, 721], 30)[0]).toContain('720p30 "720p30": 1280x720')
  })

  test('without sound has no sound to make and no rung of sound', () => {
    const rungs = planLadder({
      type: 'ADVANCED_SD',
      preset: '',
      width: 640,
      height: 360,
      frameRate: 30,
      hasAudio: false,
    })
    expect(rungs.map(({ name, audio }) => [name, audio.kind])).toEqual([
      ['360p30', 'passthrough'],
      ['160p30', 'passthrough'],
    ])
  })

  test.each([
    [24, 1, 24],
    [29.97, 1, 29.97],
    [30.3, 1, 30.3],
    [48, 2, 24],
    [50, 2, 25],
    [59.94, 2, 29.97],
    [60.5, 2, 30.25],
    [90, 3, 30],
    [120, 4, 30],
  ])('at %d frames a second keeps one of %d on rungs of 30', (frameRate, keepEvery, kept) => {
    const rungs = planLadder({
      type: 'STANDARD',
      preset: '',
      width: 852,
      height: 480,
      frameRate,
      hasAudio: true,
    })
    const video = rungs[0]?.video
    expect(video).toMatchObject({ keepEvery })
    expect(video?.kind === 'transcode' && video.frameRate).toBeCloseTo(kept)
  })

  test('at 50 frames a second has the bitrate of 60, at 120 half its pictures at 720p', () => {
    expect(plan('STANDARD', '', [1280, 720], 50)[0]).toBe(
      '720p60 "720p60": 1280x720 50/s (1 of 1) 3400k, audio as is',
    )
    expect(plan('STANDARD', '', [1280, 720], 120)[0]).toBe(
      '720p60 "720p60": 1280x720 60/s (1 of 2) 3400k, audio as is',
    )
  })
})

describe('every size, rate and type', () => {
  const inputs = fc.record<LadderInput>({
    type: fc.constantFrom('BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'),
    preset: fc.constantFrom('', HIGHER, CONSTRAINED),
    width: fc.integer({ min: 2, max: 4096 }),
    height: fc.integer({ min: 2, max: 4096 }),
    frameRate: fc.double({ min: 1, max: 300, noNaN: true }),
    hasAudio: fc.boolean(),
  })
  const transcoded = (rungs: readonly Rung[]) =>
    rungs.flatMap(({ video }) => (video?.kind === 'transcode' ? [video] : []))

  test('gets at least one picture, and names that fit into URLs, each once', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const rungs = planLadder(input)
        expect(rungs.some(({ video }) => video)).toBe(true)
        expect(new Set(rungs.map(({ name }) => name)).size).toBe(rungs.length)
        for (const { name } of rungs) expect(name).toMatch(/^[a-z0-9_]{1,32}$/)
        expect(rungs.filter(({ video }) => !video)).toHaveLength(input.hasAudio ? 1 : 0)
      }),
    )
  })

  test('is never scaled up, and keeps its shape to within the rounding', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const sourceShort = Math.min(input.width, input.height)
        for (const { width, height } of transcoded(planLadder(input))) {
          expect([width % 2, height % 2]).toEqual([0, 0])
          expect(width).toBeLessThanOrEqual(input.width)
          expect(height).toBeLessThanOrEqual(input.height)
          const [short, long] = [Math.min(width, height), Math.max(width, height)]
          const [evenShort, evenLong] = [sourceShort, Math.max(input.width, input.height)].map(
            (edge) => edge - (edge % 2),
          ) as [number, number]
          const exact = (evenLong * short) / evenShort
          expect(Math.abs(long - exact)).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  test('gets rungs that fall in size and bitrate, with frames dropped evenly', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const videos = transcoded(planLadder(input))
        videos.forEach((video, index) => {
          const below = videos[index + 1]
          if (below) {
            expect(below.width * below.height).toBeLessThan(video.width * video.height)
            expect(below.bitrateBps).toBeLessThan(video.bitrateBps)
          }
          expect(Number.isInteger(video.keepEvery) && video.keepEvery >= 1).toBe(true)
          expect(video.frameRate).toBe(input.frameRate / video.keepEvery)
          expect(video.frameRate).toBeLessThanOrEqual(61.2)
        })
      }),
    )
  })
})

test('keyframes are made by the ADVANCED types and taken from the source by the others (§1.4)', () => {
  expect((['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'] as const).map(keyframePlanFor)).toEqual([
    'source',
    'source',
    'own',
    'own',
  ])
})
