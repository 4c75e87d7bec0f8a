/**
 * Timed metadata and captions as players raise them: hls.js and the IVS player in Chromium, on every rendition, in both
 * containers, with and without a ladder.
 */
import { PutMetadataCommand } from '@aws-sdk/client-ivs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { METADATA_OWNER } from '../../src/media/timed-metadata.ts'
import { captionsOf, raisedCues, type RaisedCue } from '../harness/browser-cues.ts'
import {
  openHlsPage,
  openIvsPage,
  serveBrowserPages,
  type BrowserPages,
  type PlayingPage,
} from '../harness/browser-pages.ts'
import type { PlayerStats } from '../harness/browser-stats.ts'
import { captionTags } from '../harness/caption-tags.ts'
import { launchChromium, type Chromium } from '../harness/chromium.ts'
import { clipTags } from '../harness/clip-tags.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { readRungs, readSegments, type ServedRung } from '../harness/ladder-reader.ts'
import { readMetadata } from '../harness/media/metadata-reader.ts'
import { watchWithHls, watchWithIvs, type MetadataViewer } from '../harness/metadata-viewers.ts'
import { publishPaced } from '../harness/paced-publisher.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const CASES = [
  { type: 'BASIC', containerFormat: 'TS', seconds: 6 },
  { type: 'BASIC', containerFormat: 'FRAGMENTED_MP4', seconds: 6 },
  { type: 'STANDARD', containerFormat: 'TS', seconds: 6 },
  { type: 'STANDARD', containerFormat: 'FRAGMENTED_MP4', seconds: 20 },
] as const

// Each has up to four players, and each player decodes.
vi.setConfig({ maxConcurrency: 2 })

const PUTS_PER_SECOND = 5
const FRAME_S = 1 / 30
const START_LIMIT_MS = 20_000
const RAISE_LIMIT_MS = 15_000

let server: TestServer
let browser: Chromium
let pages: BrowserPages
beforeAll(async () => {
  ;[server, browser, pages] = await Promise.all([startTestServer(), launchChromium(), serveBrowserPages()])
})
afterAll(async () => {
  await pages[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

describe.concurrent.each(CASES)('$type in $containerFormat', ({ type, containerFormat, seconds }) => {
  test('both players raise every piece once on every rendition, at its media time to a picture', async () => {
    const channel = await server.createChannel({ type, containerFormat, latencyMode: 'LOW' })
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    const rungs = await readRungs(channel.playbackUrl)
    await using viewers = new AsyncDisposableStack()
    const watching: MetadataViewer[] = []
    const opened = rungs.flatMap((rung) => [
      watchWithHls({ browser, pages }, rung),
      watchWithIvs({ browser, pages }, channel.playbackUrl, rung),
    ])
    for (const opening of opened) watching.push(viewers.use(await opening))
    const put = await putFor(channel, seconds)
    const times = await mediaTimes(rungs, containerFormat)
    for (const { name, player } of watching) {
      const raised = await raisedBy(player, put)
      expect(
        raised.map(({ text }) => text),
        name,
      ).toEqual(put)
      // The player's time begins somewhere, and from there on it is media time.
      const offsets = raised.flatMap(({ text, startS }) => {
        const mediaS = times.get(text)
        return mediaS === undefined ? [] : [startS - mediaS]
      })
      expect(offsets.length, name).toBeGreaterThan(put.length / 3)
      expect(Math.max(...offsets) - Math.min(...offsets), name).toBeLessThan(FRAME_S)
    }
  })
})

test.concurrent.for(['TS', 'FRAGMENTED_MP4'] as const)(
  'the IVS player knows its live latency from the clock in the segments of %s',
  async (containerFormat) => {
    const channel = await server.createChannel({ containerFormat, latencyMode: 'LOW' })
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    await using player = await openIvsPage(browser, pages, { playbackUrl: channel.playbackUrl })
    const stats = await player.waitUntil(
      (now) => now.liveLatencyS > 0 && now.currentTimeS > 5,
      START_LIMIT_MS,
    )
    expect(stats.liveLatencyS).toBeLessThan(8)
    // The player tells it at the beginning of a segment, and the other one in whole seconds.
    expect(Math.abs(stats.liveLatencyS - (stats.clockLatencyS ?? NaN))).toBeLessThan(1.6)
  },
)

test.concurrent.for([{ type: 'BASIC' }, { type: 'STANDARD' }] as const)(
  'captions that an encoder of a $type channel sends beside its pictures are shown by hls.js on every rendition',
  async ({ type }) => {
    const captions = [4000, 7000, 10_000, 13_000, 16_000].flatMap((ms) => captionTags(ms, 'HELLO'))
    const tags = [...(await clipTags('640x360', 20)), ...captions].sort((a, b) => a.timeMs - b.timeMs)
    const channel = await server.createChannel({ type, containerFormat: 'TS' })
    await using _publisher = await publishPaced(channel.rtmpUrl, tags)
    await server.untilLive(channel)
    for (const rung of await readRungs(channel.playbackUrl)) {
      // In its low-latency mode it forgets at every part what it has read of a caption.
      await using player = await openHlsPage(browser, pages, { playbackUrl: rung.url, lowLatencyMode: false })
      await vi.waitFor(
        async () => {
          expect(await captionsOf(player.page)).toContain('HELLO')
        },
        { timeout: START_LIMIT_MS },
      )
    }
  },
)

/** Puts five texts a second; the texts. */
async function putFor(channel: TestChannel, seconds: number): Promise<string[]> {
  const put: string[] = []
  const startMs = performance.now()
  while (put.length < seconds * PUTS_PER_SECOND) {
    const metadata = JSON.stringify({ number: put.length })
    await server.client.send(new PutMetadataCommand({ channelArn: channel.arn, metadata }))
    put.push(metadata)
    await sleep(Math.max(0, startMs + (put.length * 1000) / PUTS_PER_SECOND - performance.now()))
  }
  return put
}

/** What the player raised of the API's metadata, once it is as much as was put. */
async function raisedBy(
  player: PlayingPage<PlayerStats>,
  put: readonly string[],
): Promise<readonly RaisedCue[]> {
  // Pages in the background are throttled.
  await player.page.bringToFront()
  return vi.waitFor(
    async () => {
      const raised = (await raisedCues(player.page)).filter(({ owner }) => owner === METADATA_OWNER.api)
      expect(raised.map(({ text }) => text)).toContain(put.at(-1))
      return raised
    },
    { timeout: RAISE_LIMIT_MS },
  )
}

/** Media time of each piece in seconds, which is the same in every rendition. */
async function mediaTimes(
  rungs: readonly ServedRung[],
  container: 'TS' | 'FRAGMENTED_MP4',
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  // The last piece is in a segment that is whole a little later.
  await sleep(3000)
  for (const rung of rungs) {
    for (const { body } of await readSegments(rung)) {
      for (const { text, ticks } of readMetadata(body, container)) {
        expect(times.get(text) ?? ticks / 90_000, `${rung.name} ${text}`).toBe(ticks / 90_000)
        times.set(text, ticks / 90_000)
      }
    }
  }
  return times
}
