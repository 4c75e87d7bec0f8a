import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreativeFiles, rendition, SMALL_PROFILE } from '../../../test/harness/creative-files.ts'
import { CREATIVE_KEYFRAME_MS, CREATIVE_PADDING_MS, type LoadedCreative } from '../creative-library.ts'
import type { ConditioningLibrary } from './conditioning-library.ts'

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2']
const ENCODE = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
const TICKS_PER_MS = 90

let files: CreativeFiles
let library: ConditioningLibrary

beforeAll(async () => {
  files = await CreativeFiles.create()
  library = await files.openLibrary('ads')
})

afterAll(async () => {
  await library.stop()
  await files.remove()
})

async function condition(file: string, profile = SMALL_PROFILE): Promise<LoadedCreative> {
  const { media, release } = await files.condition(library, file, profile)
  release()
  return media
}

function videoPath({ key }: LoadedCreative): string {
  return join(files.path('ads'), key, 'video-0.ts')
}

function keyframeTimesMs(media: LoadedCreative, name: string): number[] {
  const units = rendition(media, name).video?.units ?? []
  return units.flatMap(({ keyframe, ptsTicks }) => (keyframe ? [ptsTicks / TICKS_PER_MS] : []))
}

test('gives every rendition its picture and sound, from zero on without a hole, to the end of the padding', async () => {
  await files.make('plain.mp4', ...PICTURE, '-f', 'lavfi', '-i', 'sine=duration=2.01', ...ENCODE)
  const media = await condition('plain.mp4')
  expect(media.durationTicks).toBe(2000 * TICKS_PER_MS)
  const endTicks = media.durationTicks + CREATIVE_PADDING_MS * TICKS_PER_MS
  expect([...media.renditions.keys()]).toEqual(['chunked', '160p30', 'audio_only'])
  for (const [name, { video, audio }] of media.renditions) {
    expect(video === undefined).toBe(name === 'audio_only')
    expect(video?.units.map(({ ptsTicks }) => ptsTicks)).toEqual(
      video && Array.from({ length: 300 }, (_, index) => index * 3000),
    )
    expect(video?.units.every(({ ptsTicks, dtsTicks }) => ptsTicks === dtsTicks)).not.toBe(false)
    expect(audio.units.map(({ ptsTicks }) => ptsTicks)).toEqual(
      Array.from({ length: Math.ceil(endTicks / 1920) }, (_, index) => index * 1920),
    )
    expect(audio.track.aac).toMatchObject({ objectType: 2, sampleRate: 48_000, channels: 2 })
  }
  expect(rendition(media).video?.track.avc).toMatchObject({ width: 320, height: 180, profileIdc: 77 })
  expect(rendition(media, '160p30').video?.track.avc).toMatchObject({ width: 160, height: 90 })
  expect(rendition(media).audio).toBe(rendition(media, '160p30').audio)
})

test('puts a keyframe on every line of the grid and nowhere else', async () => {
  await files.make(
    'cuts.mp4',
    '-f',
    'lavfi',
    '-i',
    'life=size=320x180:rate=30:mold=10:ratio=0.5',
    '-t',
    '2',
    ...ENCODE,
  )
  const media = await condition('cuts.mp4')
  const grid = Array.from({ length: 20 }, (_, index) => index * CREATIVE_KEYFRAME_MS)
  expect(keyframeTimesMs(media, 'chunked')).toEqual(grid)
  expect(keyframeTimesMs(media, '160p30')).toEqual(grid)
})

test('puts keyframes on the first picture behind each line at a frame rate that misses the grid', async () => {
  const video = { width: 320, height: 180, frameRate: 25, bitrateBps: 400_000 }
  const profile = { fingerprint: '25', renditions: [{ name: 'chunked', video, audioBitrateBps: 64_000 }] }
  await files.make('pal.mp4', ...PICTURE, ...ENCODE)
  const media = await condition('pal.mp4', profile)
  expect(keyframeTimesMs(media, 'chunked').slice(0, 5)).toEqual([0, 520, 1000, 1520, 2000])
})

test.each([10, 13, 24, 30])(
  'leaves no picture out at %d a second, however long the creative is',
  async (frameRate) => {
    const video = { width: 64, height: 36, frameRate, bitrateBps: 100_000 }
    const profile = {
      fingerprint: `${frameRate}`,
      renditions: [{ name: 'chunked', video, audioBitrateBps: 48_000 }],
    }
    const source = 'testsrc2=size=64x36:rate=25:duration=1.234'
    await files.make('uneven.mp4', '-f', 'lavfi', '-i', source, ...ENCODE)
    const media = await condition('uneven.mp4', profile)
    expect(media.durationTicks).toBe(1240 * TICKS_PER_MS)
    const units = rendition(media).video?.units ?? []
    expect(units.map(({ ptsTicks }) => ptsTicks)).toEqual(
      Array.from({ length: Math.ceil(9.24 * frameRate) }, (_, index) =>
        Math.round((index * 90_000) / frameRate),
      ),
    )
  },
)

test('holds the last picture still through the padding', async () => {
  await files.make('fade.mp4', '-f', 'lavfi', '-i', 'color=white:size=320x180:rate=30:duration=1', ...ENCODE)
  const media = await condition('fade.mp4')
  const last = await files.luma(videoPath(media), 269)
  expect(Math.min(...last)).toBeGreaterThan(220)
})

test('gives a creative without sound silence', async () => {
  await files.make('mute.mp4', ...PICTURE, ...ENCODE)
  const media = await condition('mute.mp4')
  const samples = await files.samples(rendition(media).audio)
  expect(samples.length).toBeGreaterThan(470_000)
  expect(samples.every((sample) => sample === 0)).toBe(true)
})

test('gives a creative without a picture a black one', async () => {
  await files.make('radio.mp4', '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac')
  const media = await condition('radio.mp4')
  expect(rendition(media).video?.units.length).toBe(Math.ceil(media.durationTicks / 3000) + 240)
  const luma = await files.luma(videoPath(media), 10)
  expect(Math.max(...luma)).toBeLessThan(20)
})

const SHAPES = [
  { name: 'an upright picture', size: '180x320', args: [], bar: [10, 90] },
  { name: 'a picture of narrow pixels', size: '320x180', args: ['-vf', 'setsar=1/2'], bar: [10, 90] },
  { name: 'a wide one with odd edges', size: '321x61', args: ['-pix_fmt', 'yuv444p'], bar: [160, 5] },
] as const

async function expectBars(file: string, [column, row]: readonly [number, number]): Promise<void> {
  const media = await condition(file)
  expect(rendition(media).video?.track.avc).toMatchObject({ width: 320, height: 180 })
  const luma = await files.luma(videoPath(media), 3)
  expect(luma[row * 320 + column]).toBeLessThan(40)
  expect(luma[90 * 320 + 160]).toBeGreaterThan(200)
}

test.each(SHAPES)('fits $name into the rendition with black bars', async ({ size, args, bar }) => {
  const file = `${size}-${args.length}.mp4`
  await files.make(
    file,
    '-f',
    'lavfi',
    '-i',
    `color=white:size=${size}:rate=30:duration=0.5`,
    ...ENCODE,
    ...args,
  )
  await expectBars(file, bar)
})

test('puts a creative together that is offered as an HLS playlist of any container', async () => {
  for (const type of ['mpegts', 'fmp4']) {
    const hls = ['-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', '-hls_segment_type', type]
    const init = ['-hls_fmp4_init_filename', `${type}-init.mp4`]
    await files.make(
      `${type}.m3u8`,
      ...PICTURE,
      '-f',
      'lavfi',
      '-i',
      'sine=duration=2',
      ...ENCODE,
      '-g',
      '25',
      ...hls,
      ...init,
    )
    await writeFile(files.path(`${type}-all.m3u8`), `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${type}.m3u8\n`)
    const media = await condition(`${type}-all.m3u8`)
    expect(media.durationTicks).toBe(2000 * TICKS_PER_MS)
  }
})

test('turns a picture as its metadata says', async () => {
  await files.make(
    'lying.mp4',
    '-f',
    'lavfi',
    '-i',
    'color=white:size=320x180:rate=30:duration=0.5',
    ...ENCODE,
  )
  await files.make('turned.mp4', '-i', files.path('lying.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90')
  await expectBars('turned.mp4', [10, 90])
})

test('scales 4K down', async () => {
  await files.make(
    '4k.mp4',
    '-f',
    'lavfi',
    '-i',
    'color=white:size=3840x2160:rate=60:duration=0.4',
    ...ENCODE,
  )
  const media = await condition('4k.mp4')
  expect(media.durationTicks).toBe(400 * TICKS_PER_MS)
  expect(rendition(media).video?.units.length).toBe(252)
})

test('keeps sound and picture together, also when one of them begins later', async () => {
  // A click of 20 ms at 1 s; the picture turns white at 1 s.
  const click = "aevalsrc='0.8*sin(2*PI*1000*t)*between(t,1,1.02)':s=48000:d=2"
  const flash = "color=black:size=320x180:rate=30:duration=2,drawbox=color=white:t=fill:enable='gte(t,1)'"
  await files.make('click.mp4', '-f', 'lavfi', '-i', flash, '-f', 'lavfi', '-i', click, ...ENCODE)
  await files.make(
    ...([
      'late.mp4',
      '-itsoffset',
      '0.5',
      '-i',
      files.path('click.mp4'),
      '-i',
      files.path('click.mp4'),
    ] as const),
    ...['-map', '0:v', '-map', '1:a', '-c', 'copy'],
  )
  const together = await condition('click.mp4')
  const late = await condition('late.mp4')
  for (const [media, flashAt] of [
    [together, 30],
    [late, 45],
  ] as const) {
    expect((await files.luma(videoPath(media), flashAt - 1))[0]).toBeLessThan(40)
    expect((await files.luma(videoPath(media), flashAt))[0]).toBeGreaterThan(200)
    const samples = await files.samples(rendition(media).audio)
    const clickAt = samples.findIndex((sample) => Math.abs(sample) > 0.01)
    // A codec smears a sudden sound by less than one of its frames.
    expect(Math.abs(clickAt - 48_000)).toBeLessThan(1024)
  }
})

const LOUDNESS_CASES = [
  ['a loud creative of 10 s', 10, 'sine=frequency=997:sample_rate=48000,volume=15dB'],
  [
    'a quiet creative of 15 s',
    15,
    'anoisesrc=color=pink:amplitude=0.02:sample_rate=44100,tremolo=f=0.5:d=0.8',
  ],
  [
    'a creative of 20 s with pauses',
    20,
    "aevalsrc='0.7*sin(2*PI*440*t)*lt(mod(t,2),1.2)|0.3*random(0)':s=48000",
  ],
] as const

test.each(LOUDNESS_CASES)('brings %s to -24 LKFS', async (name, durationS, source) => {
  const file = `loudness-${durationS}.m4a`
  await files.make(file, '-f', 'lavfi', '-i', source, '-t', String(durationS), '-c:a', 'aac')
  const media = await condition(file, {
    fingerprint: name,
    renditions: [{ name: 'audio_only', video: undefined, audioBitrateBps: 96_000 }],
  })
  const lkfs = await files.loudnessLkfs(rendition(media, 'audio_only').audio, durationS * 1000)
  expect(Math.abs(lkfs + 24)).toBeLessThan(1)
})

test('begins with the first picture when a little sound comes before it', async () => {
  // Matroska gives the first sound of AAC a time before that of the picture.
  await files.make('early-sound.mkv', ...PICTURE, '-f', 'lavfi', '-i', 'sine=duration=2', ...ENCODE)
  const media = await condition('early-sound.mkv')
  expect(media.durationTicks).toBe(2000 * TICKS_PER_MS)
  expect(rendition(media).video?.units.length).toBe(300)
})
