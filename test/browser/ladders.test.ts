/**
 * What viewers' players make of a ladder: they change rungs with what the line carries, play on while the transcoder
 * dies, hangs, is fed damage or another picture size, and play the sound alone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  openHlsPage,
  openIvsPage,
  serveBrowserPages,
  type BrowserPages,
  type PlayingPage,
} from '../harness/browser-pages.ts'
import type { HlsStats, IvsStats } from '../harness/browser-stats.ts'
import { transcoderPids } from '../harness/child-processes.ts'
import { launchChromium, type Chromium } from '../harness/chromium.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { readRungs, readSegments, type ServedRung } from '../harness/ladder-reader.ts'
import { liveSource, type LiveSource } from '../harness/live-source.ts'
import { openNarrowLine, type NarrowLine } from '../harness/narrow-line.ts'
import { publishPaced, type PacedPublisher } from '../harness/paced-publisher.ts'
import { watchParts } from '../harness/part-watch.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

type Stats = HlsStats | IvsStats
type Player = PlayingPage<Stats>
type Fault = {
  readonly name: string
  readonly strike: (transcoderPid: number) => unknown
  /** Whether another transcoder has to take over. */
  readonly costsTranscoder: boolean
  /** Of the picture, afterwards. */
  readonly width: number
}

const START_LIMIT_MS = 20_000
const SWITCH_LIMIT_MS = 30_000
/** Each but the last carries 360p, which is sent at about 720 kbps; the last carries 160p and the playlists. */
const GRADUAL_BPS = [3_000_000, 2_000_000, 1_200_000, 800_000, 600_000]
/** The same at once. */
const CLIFF_BPS = [1_500_000, 600_000]
/** So long after another the rates of a line change: it takes about two seconds from the widest to the narrowest. */
const STEP_MS = 600
/** What hls.js says of media that it or the browser could not read; all that the IVS player says is fatal. */
const HLS_DECODING_ERROR = /^(bufferAppend|bufferIncompatible|fragParsing|fragDecrypt)/
/**
 * hls.js measures one part in each segment, so that it takes three or four segments to notice, and its usual memory several
 * times that: nearer to the live edge it has less in reserve than the line falls short until then.
 */
const ATTENTIVE = { liveSyncDuration: 4, abrEwmaFastLive: 0.5, abrEwmaSlowLive: 1 }
/** A stream this old has enough before the live edge for a player that stays so far from it. */
const STREAM_AGE_SEGMENTS = 4
/** A younger one has less to begin with than a busy machine may need. */
const SOUND_AGE_SEGMENTS = 2
const MAX_RECOVERY_MS = 3000
/** Longer than the longest recovery that is allowed and what players have in reserve. */
const AFTERMATH_MS = 5000

let server: TestServer
let browser: Chromium
let pages: BrowserPages
let source: LiveSource
let channel: TestChannel
let publisher: PacedPublisher

beforeAll(async () => {
  const playing = Promise.all([launchChromium(), serveBrowserPages()])
  ;[server, source] = await Promise.all([
    startTestServer({ flags: { x264Preset: 'ultrafast', maxLadders: '2' } }),
    liveSource(['640x360', '480x360']),
  ])
  channel = await server.createChannel({ type: 'STANDARD' })
  publisher = await publishPaced(channel.rtmpUrl, source.tags)
  await server.untilLive(channel)
  ;[browser, pages] = await playing
  await untilAged(await rungOf(channel.playbackUrl, '160p30'), STREAM_AGE_SEGMENTS)
})

afterAll(async () => {
  for (const one of [publisher, pages, browser, server]) await one[Symbol.asyncDispose]()
})

describe.concurrent('with what the line carries', () => {
  const openIvsNormally = (url: string): Promise<Player> => openIvs(url, false)
  const hls = { player: 'hls.js', open: openHls, switches: [360, 160, 360], reserveS: 3.3, maxStalls: 0 }
  const ivs = { switches: ['360p', '160p', '360p'], reserveS: 2 }
  const normalIvs = { player: 'the IVS player', open: openIvsNormally, ...ivs, maxStalls: 0 }
  // What it reads again to measure the line looks to it like 5 Mbps and more where 3 come: it notices when nothing is left.
  const lowIvs = { player: 'the IVS player in its low-latency mode', open: openIvs, ...ivs, maxStalls: 1 }
  const gradual = { how: 'narrows and widens in two seconds', ratesBps: GRADUAL_BPS }
  const cliff = { how: 'narrows and widens at once', ratesBps: CLIFF_BPS }
  const ROWS = [
    { ...hls, ...gradual },
    { ...normalIvs, ...gradual },
    { ...lowIvs, ...cliff },
    { ...hls, ...cliff },
    { ...normalIvs, ...cliff },
  ]
  test.for(ROWS)(
    '$player goes down and up on a line that $how, with $maxStalls stalls at most',
    async ({ open, switches, reserveS, maxStalls, ratesBps }) => {
      await using line = await openNarrowLine(server.url('console'))
      await changeRate(line, ratesBps.slice(0, 1))
      await using player = await open(line.through(channel.playbackUrl))
      const before = await player.waitUntil(
        (stats) => stats.width === 640 && stats.bufferedS > reserveS,
        START_LIMIT_MS,
      )
      await changeRate(line, ratesBps)
      await player.waitUntil((stats) => stats.width === 284, SWITCH_LIMIT_MS)
      await changeRate(line, ratesBps.toReversed())
      const after = await player.waitUntil(
        (stats) => stats.width === 640 && switchesSince(before, stats).length >= switches.length,
        SWITCH_LIMIT_MS,
      )
      expect(switchesSince(before, after)).toEqual(switches)
      expect(after.stalls - before.stalls).toBeLessThanOrEqual(maxStalls)
      expect(
        after.errors.filter(({ fatal, what }) => fatal || HLS_DECODING_ERROR.test(what)),
        'fatal errors and media that could not be decoded',
      ).toEqual([])
    },
  )
})

describe('players play on', () => {
  const kill = (pid: number): boolean => process.kill(pid, 'SIGKILL')
  const stop = (pid: number): boolean => process.kill(pid, 'SIGSTOP')
  const FAULTS: readonly Fault[] = [
    { name: 'the transcoder is killed', strike: kill, costsTranscoder: true, width: 640 },
    { name: 'the transcoder hangs', strike: stop, costsTranscoder: true, width: 640 },
    { name: 'pictures are damaged', strike: () => source.damage(20), costsTranscoder: false, width: 640 },
    {
      name: 'the picture changes its size',
      strike: () => source.changeSize('480x360'),
      costsTranscoder: true,
      width: 480,
    },
  ]
  let players: readonly Player[]
  let smallest: ServedRung
  beforeAll(async () => {
    smallest = await rungOf(channel.playbackUrl, '160p30')
    players = await Promise.all([openHls(channel.playbackUrl), openIvs(channel.playbackUrl)])
    for (const player of players) await untilPlaying(player, 640)
  })
  afterAll(async () => {
    for (const player of players) await player[Symbol.asyncDispose]()
  })

  test.for(FAULTS)('while $name', async ({ name, strike, costsTranscoder, width }) => {
    await using watch = watchParts(smallest.url)
    await sleep(500)
    const before = await Promise.all(players.map((player) => player.stats()))
    const [pid = 0] = transcoderPids()
    const struckMs = performance.now()
    strike(pid)
    await sleep(AFTERMATH_MS)
    const recoveryMs = watch.longestWaitMs(struckMs)
    console.info(`${name}: next new part of ${smallest.name} after ${Math.round(recoveryMs)} ms`)
    expect(recoveryMs).toBeLessThan(MAX_RECOVERY_MS)
    expect(transcoderPids()).toHaveLength(1)
    expect(transcoderPids().includes(pid)).toBe(!costsTranscoder)
    for (const [index, player] of players.entries()) {
      const after = await player.waitUntil((stats) => stats.width === width, START_LIMIT_MS)
      const playedS = after.currentTimeS - (before[index]?.currentTimeS ?? 0)
      expect(playedS).toBeGreaterThan((AFTERMATH_MS - MAX_RECOVERY_MS) / 1000)
      expect(after.errors.filter((error) => error.fatal)).toEqual([])
    }
  })
})

describe.concurrent('hls.js plays audio_only', () => {
  const CHANNELS = [
    { type: 'BASIC', query: '?allow_audio_only=true' },
    { type: 'ADVANCED_SD', query: '' },
  ] as const
  test.for(CHANNELS)('of a $type channel', async ({ type, query }) => {
    const { arn, rtmpUrl, playbackUrl } = await server.createChannel({ type })
    await using _publisher = await publishWithFfmpeg({ url: rtmpUrl, size: '640x480' })
    await server.untilLive({ arn })
    const sound = await rungOf(playbackUrl + query, 'audio_only')
    await untilAged(sound, SOUND_AGE_SEGMENTS)
    await using player = await openHls(sound.url)
    const stats = await player.waitUntil((now) => now.currentTimeS > 3, START_LIMIT_MS)
    expect(stats.errors).toEqual([])
    expect(stats.width).toBe(0)
    expect(stats.usesParts).toBe(true)
  })
})

function openHls(playbackUrl: string): Promise<PlayingPage<HlsStats>> {
  return openHlsPage(browser, pages, { playbackUrl, config: ATTENTIVE })
}

function openIvs(playbackUrl: string, lowLatency = true): Promise<PlayingPage<IvsStats>> {
  return openIvsPage(browser, pages, { playbackUrl, lowLatency })
}

async function changeRate(line: NarrowLine, ratesBps: readonly number[]): Promise<void> {
  for (const [index, rateBps] of ratesBps.entries()) {
    if (index > 0) await sleep(STEP_MS)
    line.setRateBps(rateBps)
  }
}

/** Where a player was then, and the switches since: on a slow machine it may have begun with another rung. */
function switchesSince(before: Stats, now: Stats): readonly (number | string)[] {
  return now.switches.slice(before.switches.length - 1)
}

async function untilAged(rung: ServedRung, segments: number): Promise<void> {
  await vi.waitFor(async () => expect((await readSegments(rung)).length).toBeGreaterThanOrEqual(segments), {
    timeout: START_LIMIT_MS,
    interval: 200,
  })
}

async function untilPlaying(player: Player, width: number): Promise<void> {
  await player.waitUntil((stats) => stats.currentTimeS > 0 && stats.width === width, START_LIMIT_MS)
}

async function rungOf(playbackUrl: string, name: string): Promise<ServedRung> {
  const rung = (await readRungs(playbackUrl)).find((one) => one.name === name)
  if (!rung) throw new Error(`no rung is named ${name}`)
  return rung
}
