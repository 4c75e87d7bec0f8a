/**
 * Channels with ads on the air: a server, an ad server with a pod of two ads, publishers, and players in Chromium whose
 * viewers the ad server knows by name.
 *
 * The ads are colour bars with one tone and plain magenta with another, unlike any content.
 */
import { ImportPlaybackKeyPairCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import { podAnswer, startTestAdServer, type TestAdServer } from './ad-server.ts'
import { setUpAds } from './ad-set-up.ts'
import { openHlsPage, openIvsPage, serveBrowserPages, type PlayingPage } from './browser-pages.ts'
import type { PlayerStats } from './browser-stats.ts'
import { launchChromium } from './chromium.ts'
import { testCreative } from './creatives.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from './ffmpeg-publisher.ts'
import { tokenSigner, type TokenObject } from './playback-tokens.ts'
import { startTestServer, type TestChannel } from './test-server.ts'

/** A player in a page. */
export type Player = PlayingPage<PlayerStats>

/** A channel, and who publishes to it. */
export type AdChannel = TestChannel & { readonly publisher: FfmpegPublisher }

/** What a channel is like. */
export type AdChannelOptions = {
  /** Letters and digits. */
  readonly name: string
  readonly size: string
  readonly type?: 'BASIC' | 'STANDARD'
  readonly postRollSeconds?: number
}

/** The running whole; `await using` ends it. */
export type AdBroadcast = AsyncDisposable & {
  readonly adServer: TestAdServer
  /** A channel that is live. */
  readonly createChannel: (options: AdChannelOptions) => Promise<AdChannel>
  /** Lets a first break be content on each of `channels`, until it is over and the creatives are ready. */
  readonly prepare: (channels: readonly TestChannel[]) => Promise<void>
  /** Announces a break that the pod fills; its id. */
  readonly insertBreak: (channel: TestChannel) => Promise<string>
  /** Opens a player, which plays when this resolves. */
  readonly openHls: (channel: TestChannel, viewer: string, claims?: TokenObject) => Promise<Player>
  readonly openIvs: (channel: TestChannel, viewer: string) => Promise<Player>
  /** Begins to watch without a player; URL of the first rendition's playlist. */
  readonly openSession: (channel: TestChannel, viewer: string, claims?: TokenObject) => Promise<string>
  /** Sessions that the ad server was asked for by `viewer`, and for how many seconds, in order. */
  readonly askedFor: (viewer: string) => readonly { readonly sessionId: string; readonly seconds: string }[]
  /** What was reported of the session that `viewer` was first asked for, in order. */
  readonly reportsOf: (viewer: string) => readonly string[]
}

/** From the announcement of a break to its beginning. */
export const LEAD_SECONDS = 2
/** Length of each ad. */
export const AD_SECONDS = 6
/** Ids of the ads, in order, with the frequencies of their tones. */
export const POD: readonly { readonly id: string; readonly toneHz: number }[] = [
  { id: 'one', toneHz: 880 },
  { id: 'two', toneHz: 1320 },
]
/** Length of a break that the pod fills. */
export const BREAK_SECONDS: number = POD.length * AD_SECONDS

const START_LIMIT_MS = 20_000
const TOKEN_SECONDS = 600

/** Starts everything but channels. */
export async function startAdBroadcast(): Promise<AdBroadcast> {
  await using starting = new AsyncDisposableStack()
  const adServer = starting.use(await startTestAdServer())
  const ads = await Promise.all(POD.map((ad) => servedAd(adServer, ad)))
  adServer.answerWith(podAnswer(ads))
  const lead = String(LEAD_SECONDS)
  const flags = { adLeadSeconds: lead, adTargetAllow: adServer.hostPort, x264Preset: 'ultrafast' }
  const server = starting.use(await startTestServer({ flags }))
  const browser = starting.use(await launchChromium())
  const pages = starting.use(await serveBrowserPages())
  const publishers = starting.use(new AsyncDisposableStack())
  const signer = tokenSigner()
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  const started = starting.move()

  function viewerUrl(channel: TestChannel, viewer: string, claims: TokenObject = {}): string {
    const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS
    const params = { 'aws:channel-arn': channel.arn, 'aws:ads-player-params': { viewer }, exp }
    return `${channel.playbackUrl}?token=${signer.sign({ ...params, ...claims })}`
  }
  const askedFor: AdBroadcast['askedFor'] = (viewer) =>
    adServer.requests
      .filter(({ query }) => query.get('viewer') === viewer)
      .map(({ sessionId, query }) => ({ sessionId, seconds: query.get('dur') ?? '' }))

  const insertBreak: AdBroadcast['insertBreak'] = async ({ arn }) => {
    const command = new InsertAdBreakCommand({ channelArn: arn, durationSeconds: BREAK_SECONDS })
    return (await server.client.send(command)).adBreakId ?? ''
  }
  const openSession: AdBroadcast['openSession'] = async (...viewer) => {
    const url = viewerUrl(...viewer)
    const path = /^[^#\s].*$/m.exec(await text(url))?.[0] ?? ''
    const playlistUrl = new URL(path, url).href
    await text(playlistUrl)
    return playlistUrl
  }

  return {
    adServer,
    createChannel: async ({ name, size, type = 'BASIC', ...rest }) => {
      const channel = await server.createChannel({ name, type, authorized: true })
      const adDecisionServerUrl = adServer.template('&viewer=[player_params.viewer]')
      await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl, name, ...rest })
      const publisher = publishers.use(await publishWithFfmpeg({ url: channel.rtmpUrl, size }))
      await server.untilLive(channel)
      return { ...channel, publisher }
    },
    prepare: async (channels) => {
      for (const channel of channels) {
        await openSession(channel, 'first')
        await insertBreak(channel)
      }
      const startedMs = Date.now()
      const isReady = async (): Promise<void> => {
        // What is asked for and not ready yet is reported as an error.
        expect(adServer.hits).toHaveLength(channels.length * POD.length)
        const metrics = await text(new URL('/metrics', server.url('api')).href)
        expect(metrics).toContain('headwater_creatives_queued 0\n')
        expect(metrics).toContain('headwater_creatives_running 0\n')
      }
      await vi.waitFor(isReady, { timeout: START_LIMIT_MS })
      // Whoever joined before its end would get ads in what is left of it.
      await sleep(startedMs + (LEAD_SECONDS + BREAK_SECONDS + 1) * 1000 - Date.now())
    },
    insertBreak,
    openHls: async (...viewer) =>
      untilPlaying(await openHlsPage(browser, pages, { playbackUrl: viewerUrl(...viewer) })),
    openIvs: async (...viewer) =>
      untilPlaying(await openIvsPage(browser, pages, { playbackUrl: viewerUrl(...viewer) })),
    openSession,
    askedFor,
    reportsOf: (viewer) => adServer.eventsOf(askedFor(viewer)[0]?.sessionId ?? ''),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function servedAd(
  adServer: TestAdServer,
  { id, toneHz }: (typeof POD)[number],
): Promise<{ id: string; durationMs: number; mediaUrl: string }> {
  const picture = id === POD[0]?.id ? 'bars' : 'magenta'
  const file = await testCreative({ seconds: AD_SECONDS, picture, toneHz })
  return { id, durationMs: AD_SECONDS * 1000, mediaUrl: adServer.serveFile(file) }
}

async function untilPlaying(player: Player): Promise<Player> {
  await player.waitUntil((stats) => stats.currentTimeS > 1, START_LIMIT_MS)
  return player
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}
