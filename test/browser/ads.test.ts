/**
 * Ads as viewers see them: hls.js and the IVS player in Chromium on real streams, with an ad server whose two creatives
 * are colour bars and plain magenta, unlike any content.
 *
 * A viewer who opted out watches the same stream in the same browser: what the machine costs him, it costs the others too.
 */
import { ImportPlaybackKeyPairCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { podAnswer, startTestAdServer, type TestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { adDateRanges, noteAdEvents, raisedAdEvents } from '../harness/browser-ads.ts'
import {
  openHlsPage,
  openIvsPage,
  serveBrowserPages,
  type BrowserPages,
  type PlayingPage,
} from '../harness/browser-pages.ts'
import {
  latencySamples,
  longestStandMs,
  mediaSteps,
  notePictures,
  pictureRuns,
  shownPictures,
  usualLatencyMs,
  type PictureRun,
} from '../harness/browser-pictures.ts'
import type { PlayerStats } from '../harness/browser-stats.ts'
import { launchChromium, type Chromium } from '../harness/chromium.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from '../harness/ffmpeg-publisher.ts'
import { tokenSigner } from '../harness/playback-tokens.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

type Player = PlayingPage<PlayerStats>
/** What a viewer saw from some seconds before the break until some seconds after it. */
type Seen = {
  readonly runs: readonly PictureRun[]
  readonly longestStandMs: number
  readonly mediaSteps: { readonly min: number; readonly max: number }
  readonly latencyChangeMs: number
  readonly stats: PlayerStats
}

const LEAD_SECONDS = 2
const AD_SECONDS = 6
const BREAK_SECONDS = 2 * AD_SECONDS
const POD = ['one', 'two']
const WHOLE_POD_EVENTS = POD.flatMap((ad) => WHOLE_AD_EVENTS.map((event) => `${ad}:${event}`))
const START_LIMIT_MS = 20_000
const BREAK_LIMIT_MS = (LEAD_SECONDS + BREAK_SECONDS + 12) * 1000
/** Watched before and after each break. */
const MARGIN_MS = 3000
const MAX_STALL_MS = 300
const MAX_LATENCY_CHANGE_MS = 300

const signer = tokenSigner()
let server: TestServer
let adServer: TestAdServer
let browser: Chromium
let pages: BrowserPages
let basic: TestChannel
let ladder: TestChannel
let ending: TestChannel
const publishers: FfmpegPublisher[] = []

beforeAll(async () => {
  adServer = await startTestAdServer()
  const [one, two] = await Promise.all([
    testCreative({ seconds: AD_SECONDS }),
    testCreative({ seconds: AD_SECONDS, picture: 'magenta', toneHz: 1320 }),
  ])
  const files = [one, two].map((file) => adServer.serveFile(file))
  const ads = POD.map((id, index) => ({ id, durationMs: AD_SECONDS * 1000, mediaUrl: files[index] ?? '' }))
  adServer.answerWith(podAnswer(ads))
  const flags = {
    adLeadSeconds: String(LEAD_SECONDS),
    adTargetAllow: adServer.hostPort,
    x264Preset: 'ultrafast',
  }
  ;[server, browser, pages] = await Promise.all([
    startTestServer({ flags }),
    launchChromium(),
    serveBrowserPages(),
  ])
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  basic = await adChannel({ name: 'basic', size: '320x180' })
  ending = await adChannel({ name: 'ending', size: '320x180', postRollSeconds: AD_SECONDS })
  ladder = await adChannel({ name: 'ladder', size: '640x360', type: 'STANDARD' })
  for (const channel of [basic, ending, ladder]) await server.untilLive(channel)
  // Their first break is content, and lets creatives be made ready for the others.
  for (const channel of [ending, ladder]) {
    await openSession(viewerUrl(channel, 'first'))
    await insertBreak(channel)
  }
})

afterAll(async () => {
  for (const one of [...publishers, pages, browser, server, adServer]) await one[Symbol.asyncDispose]()
})

test('three viewers see the ads of their own decisions, and one who opted out sees none', async () => {
  await using hls = await openHls(basic, 'ann')
  await using ivs = await openIvs(basic, 'bob')
  await using plain = await openHls(basic, 'opposed', { 'aws:ads-opt-out': true })
  await noteAdEvents(ivs.page)
  const own = await openSession(viewerUrl(basic, 'cleo'))
  const { adBreakId, watched } = await watchBreak(basic, [hls, ivs, plain])
  const [hlsSaw, ivsSaw, plainSaw] = watched
  console.info(JSON.stringify({ hlsSaw, ivsSaw, plainSaw }))

  expect(kinds(plainSaw)).toEqual(['other'])
  for (const saw of [hlsSaw, ivsSaw]) expectSmooth(saw, plainSaw)
  expect(askedBy('opposed')).toEqual([])
  for (const viewer of ['ann', 'bob', 'cleo']) expect(askedBy(viewer)).toHaveLength(1)
  for (const viewer of ['ann', 'bob']) {
    await expect.poll(() => reportsOf(viewer), { timeout: 5000 }).toEqual(WHOLE_POD_EVENTS)
  }
  expect(await text(own)).toContain(adBreakId)
  expect(reportsOf('cleo')).toEqual([])
  await expectEvents(ivs, adBreakId)
  const ranges = await adDateRanges(hls.page)
  expect(ranges.map((range) => range['X-NET-LIVE-VIDEO-AD-BREAK-ID'] ?? range['X-VAST-AD-ID'])).toEqual([
    adBreakId,
    ...POD,
  ])
})

async function expectEvents(ivs: Player, adBreakId: string): Promise<void> {
  const events = await raisedAdEvents(ivs.page)
  const edges = events.filter(({ name }) => name !== 'AD_TIME_UPDATE')
  const metadata = { sessionId: sessionOf('bob') }
  const adBreak = { adBreakId, rollType: 'midroll', duration: BREAK_SECONDS, podLength: 2, metadata }
  const creatives = POD.map((id, index) => ({
    adBreakId,
    assetId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    podIndex: index + 1,
    duration: AD_SECONDS,
    metadata: { vastAdId: id, creativeId: `creative-${id}`, adSystem: 'Headwater Test', adTitle: `Ad ${id}` },
  }))
  expect(edges.map(({ name, payload }) => [name, payload])).toEqual([
    ['AD_BREAK_STARTED', adBreak],
    ['AD_CREATIVE_STARTED', creatives[0]],
    ['AD_CREATIVE_ENDED', creatives[0]],
    ['AD_CREATIVE_STARTED', creatives[1]],
    ['AD_CREATIVE_ENDED', creatives[1]],
    ['AD_BREAK_ENDED', adBreak],
  ])
  const updates = events.filter(({ name }) => name === 'AD_TIME_UPDATE').map(({ payload }) => payload)
  const elapsed = updates.map(({ breakElapsed }) => Number(breakElapsed))
  expect(elapsed.length).toBeGreaterThan(2 * BREAK_SECONDS)
  expect(elapsed).toEqual([...elapsed].sort((one, other) => one - other))
  expect(new Set(updates.map(({ podIndex }) => podIndex))).toEqual(new Set([1, 2]))
}

function expectSmooth(saw: Seen | undefined, plain: Seen | undefined): void {
  if (!saw || !plain) throw new Error('nobody watched')
  expect(kinds(saw)).toEqual(['other', 'bars', 'magenta', 'other'])
  expect(saw.longestStandMs).toBeLessThan(Math.max(MAX_STALL_MS, plain.longestStandMs + 100))
  expect(saw.mediaSteps.min).toBeGreaterThanOrEqual(0)
  expect(saw.mediaSteps.max).toBeLessThan(Math.max(MAX_STALL_MS, plain.mediaSteps.max + 100))
  const change = Math.abs(saw.latencyChangeMs - Math.max(0, plain.latencyChangeMs))
  expect(change).toBeLessThan(MAX_LATENCY_CHANGE_MS)
  expect(saw.stats.errors.filter(({ fatal }) => fatal)).toEqual([])
}

function kinds(saw: Seen | undefined): readonly string[] {
  return saw?.runs.map(({ kind }) => kind) ?? []
}

/** Watches a break from before until after it. */
async function watchBreak(
  channel: TestChannel,
  players: readonly Player[],
): Promise<{ readonly adBreakId: string; readonly watched: readonly Seen[] }> {
  for (const player of players) await notePictures(player.page)
  const fromMs = Date.now()
  await sleep(MARGIN_MS)
  const adBreakId = await insertBreak(channel)
  await sleep((LEAD_SECONDS + BREAK_SECONDS) * 1000)
  // Players behind the live edge see it end later.
  await vi.waitFor(
    async () => {
      for (const { page } of players) {
        const runs = pictureRuns(await shownPictures(page))
        const last = runs.at(-1)
        if (last?.kind !== 'other' || last.toMs - last.fromMs < MARGIN_MS) throw new Error('no content yet')
      }
    },
    { timeout: BREAK_LIMIT_MS, interval: 500 },
  )
  const toMs = Date.now()
  return { adBreakId, watched: await Promise.all(players.map((player) => seenBy(player, fromMs, toMs))) }
}

async function seenBy({ page, stats }: Player, fromMs: number, toMs: number): Promise<Seen> {
  const pictures = await shownPictures(page)
  const samples = await latencySamples(page)
  const before = usualLatencyMs(samples, fromMs, fromMs + MARGIN_MS)
  const after = usualLatencyMs(samples, toMs - MARGIN_MS, toMs)
  return {
    runs: pictureRuns(pictures),
    longestStandMs: longestStandMs(pictures, fromMs, toMs),
    mediaSteps: mediaSteps(pictures),
    latencyChangeMs: after - before,
    stats: await stats(),
  }
}

async function adChannel(options: {
  readonly name: string
  readonly size: string
  readonly type?: 'BASIC' | 'STANDARD'
  readonly postRollSeconds?: number
}): Promise<TestChannel> {
  const { name, size, type = 'BASIC', ...rest } = options
  const channel = await server.createChannel({ name, type, authorized: true })
  const adDecisionServerUrl = adServer.template('&viewer=[player_params.viewer]')
  await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl, name, ...rest })
  publishers.push(await publishWithFfmpeg({ url: channel.rtmpUrl, size }))
  return channel
}

function viewerUrl(channel: TestChannel, viewer: string, claims: Record<string, unknown> = {}): string {
  const token = signer.sign({
    'aws:channel-arn': channel.arn,
    'aws:ads-player-params': { viewer },
    exp: Math.floor(Date.now() / 1000) + 600,
    ...claims,
  })
  return `${channel.playbackUrl}?token=${token}`
}

async function openHls(channel: TestChannel, viewer: string, claims = {}): Promise<Player> {
  return untilPlaying(await openHlsPage(browser, pages, { playbackUrl: viewerUrl(channel, viewer, claims) }))
}

async function openIvs(channel: TestChannel, viewer: string): Promise<Player> {
  return untilPlaying(await openIvsPage(browser, pages, { playbackUrl: viewerUrl(channel, viewer) }))
}

async function untilPlaying(player: Player): Promise<Player> {
  await player.waitUntil((stats) => stats.currentTimeS > 1, START_LIMIT_MS)
  return player
}

/** Begins to watch without a player; URL of the first rendition's playlist. */
async function openSession(url: string): Promise<string> {
  const path = /^[^#\s].*$/m.exec(await text(url))?.[0] ?? ''
  const playlistUrl = new URL(path, url).href
  await text(playlistUrl)
  return playlistUrl
}

async function insertBreak({ arn }: TestChannel): Promise<string> {
  const command = new InsertAdBreakCommand({ channelArn: arn, durationSeconds: BREAK_SECONDS })
  return (await server.client.send(command)).adBreakId ?? ''
}

function askedBy(viewer: string): readonly string[] {
  return adServer.requests
    .filter(({ query }) => query.get('viewer') === viewer)
    .map(({ sessionId }) => sessionId)
}

function sessionOf(viewer: string): string {
  return askedBy(viewer)[0] ?? ''
}

function reportsOf(viewer: string): readonly string[] {
  return adServer.eventsOf(sessionOf(viewer))
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}
