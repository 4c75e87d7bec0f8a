/**
 * What viewers' players make of a live stream: hls.js and the IVS player in Chromium, both containers, both latency
 * modes.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openHlsPage, openIvsPage, serveBrowserPages, type BrowserPages } from '../harness/browser-pages.ts'
import { clipTags, shifted } from '../harness/clip-tags.ts'
import { launchChromium, type Chromium } from '../harness/chromium.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from '../harness/ffmpeg-publisher.ts'
import { readRungs, readSegments } from '../harness/ladder-reader.ts'
import { publishPaced } from '../harness/paced-publisher.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const FORMS = [
  { containerFormat: 'TS', latencyMode: 'LOW' },
  { containerFormat: 'FRAGMENTED_MP4', latencyMode: 'LOW' },
  { containerFormat: 'TS', latencyMode: 'NORMAL' },
  { containerFormat: 'FRAGMENTED_MP4', latencyMode: 'NORMAL' },
] as const
type Form = (typeof FORMS)[number]

// As many players as play without a stall on a small machine that has other work.
vi.setConfig({ maxConcurrency: 2 })

const PLAY_SECONDS = 8
const START_LIMIT_MS = 20_000
const STREAM_AGE_SEGMENTS = 3

let server: TestServer
let browser: Chromium
let pages: BrowserPages
const streams = new Map<Form, { channel: TestChannel; publisher: FfmpegPublisher }>()

beforeAll(async () => {
  server = await startTestServer()
  browser = await launchChromium()
  pages = await serveBrowserPages()
  for (const form of FORMS) {
    const channel = await server.createChannel(form)
    streams.set(form, { channel, publisher: await publishWithFfmpeg({ url: channel.rtmpUrl }) })
  }
  for (const { channel } of streams.values()) {
    await server.untilLive(channel)
    // Younger ones have less to begin with than a busy machine may need.
    const [rung] = await readRungs(channel.playbackUrl)
    await vi.waitFor(
      async () => expect((await readSegments(rung!)).length).toBeGreaterThanOrEqual(STREAM_AGE_SEGMENTS),
      { timeout: START_LIMIT_MS, interval: 200 },
    )
  }
})

afterAll(async () => {
  for (const { publisher } of streams.values()) await publisher[Symbol.asyncDispose]()
  await pages[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

function playbackUrl(form: Form): string {
  return streams.get(form)?.channel.playbackUrl ?? ''
}

describe.concurrent.each(FORMS)('$containerFormat, latency mode $latencyMode', (form) => {
  test('hls.js plays without an error or a stall, as near the live edge as the mode promises', async () => {
    await using player = await openHlsPage(browser, pages, { playbackUrl: playbackUrl(form) })
    await player.waitUntil((stats) => stats.currentTimeS > 0 && stats.startupMs !== undefined, START_LIMIT_MS)
    const started = await player.stats()
    const stats = await player.waitUntil(
      (now) => now.currentTimeS > started.currentTimeS + PLAY_SECONDS,
      START_LIMIT_MS,
    )
    expect(stats.errors).toEqual([])
    expect(stats.stalls).toBe(0)
    expect(stats.width).toBe(640)
    expect(stats.usesParts).toBe(form.latencyMode === 'LOW')
    expect(stats.clockLatencyS).toBeLessThan(form.latencyMode === 'LOW' ? 3 : 10)
  })

  test('the IVS player plays without an error, in low latency exactly when the channel is', async () => {
    await using player = await openIvsPage(browser, pages, { playbackUrl: playbackUrl(form) })
    await player.waitUntil((stats) => stats.currentTimeS > 0 && stats.state === 'Playing', START_LIMIT_MS)
    const started = await player.stats()
    const stats = await player.waitUntil(
      (now) => now.currentTimeS > started.currentTimeS + PLAY_SECONDS,
      START_LIMIT_MS,
    )
    expect(stats.errors.filter((error) => error.fatal)).toEqual([])
    expect(stats.isLiveLowLatency).toBe(form.latencyMode === 'LOW')
    expect(stats.width).toBe(640)
  })
})

test.concurrent('hls.js without its low-latency mode plays a low-latency playlist as plain HLS', async () => {
  const form = FORMS[0]
  await using player = await openHlsPage(browser, pages, {
    playbackUrl: playbackUrl(form),
    lowLatencyMode: false,
  })
  const started = await player.waitUntil((stats) => stats.currentTimeS > 0, START_LIMIT_MS)
  const stats = await player.waitUntil((now) => now.currentTimeS > started.currentTimeS + 5, START_LIMIT_MS)
  // A playlist that comes early in a segment makes it ask for the last part of that segment, for which it waits no longer
  // than 0.8 of the target duration: then it asks again, for what there is.
  const isEarlyAsking = ({ fatal, what }: { fatal: boolean; what: string }): boolean =>
    !fatal && what.startsWith('levelLoadTimeOut')
  expect(stats.errors.filter((error) => !isEarlyAsking(error))).toEqual([])
  expect(stats.errors.length).toBeLessThanOrEqual(1)
  expect(stats.stalls).toBe(0)
})

test.concurrent('hls.js hears of the end and reports it', async () => {
  const channel = await server.createChannel()
  const publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  await using player = await openHlsPage(browser, pages, { playbackUrl: channel.playbackUrl })
  await player.waitUntil((stats) => stats.currentTimeS > 0, START_LIMIT_MS)
  await publisher.stop()
  const stats = await player.waitUntil((now) => now.state === 'ended', START_LIMIT_MS)
  expect(stats.errors.filter((error) => error.fatal)).toEqual([])
})

describe.concurrent.each(['TS', 'FRAGMENTED_MP4'] as const)(
  '%s with an encoder that changes',
  (containerFormat) => {
    test('hls.js plays through a change of picture size', async () => {
      const tags = [...(await clipTags('640x360', 6)), ...shifted(await clipTags('320x180', 12), 6000)]
      const channel = await server.createChannel({ containerFormat })
      await using _publisher = await publishPaced(channel.rtmpUrl, tags)
      await server.untilLive(channel)
      await using player = await openHlsPage(browser, pages, { playbackUrl: channel.playbackUrl })
      await player.waitUntil((stats) => stats.currentTimeS > 0 && stats.width === 640, START_LIMIT_MS)
      const changed = await player.waitUntil((stats) => stats.width === 320, START_LIMIT_MS)
      const stats = await player.waitUntil(
        (now) => now.currentTimeS > changed.currentTimeS + 3,
        START_LIMIT_MS,
      )
      expect(stats.errors.filter((error) => error.fatal)).toEqual([])
      // New parameters reset the decoder, which may cost a moment on a busy machine but never the playback.
      expect(stats.stalls).toBeLessThanOrEqual(1)
    })
  },
)
