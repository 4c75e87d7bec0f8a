/**
 * Protected channels in Chromium, with hls.js and the IVS player on pages of two origins: a page that holds a token plays,
 * another origin is refused, and playback that runs stops when its viewer is revoked (reference ivs-behaviour §6.2, §7, §8).
 */
import {
  CreatePlaybackRestrictionPolicyCommand,
  GetStreamCommand,
  ImportPlaybackKeyPairCommand,
  StartViewerSessionRevocationCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  openHlsPage,
  openIvsPage,
  serveBrowserPages,
  type BrowserPages,
  type PlayingPage,
} from '../harness/browser-pages.ts'
import type { PlayerStats } from '../harness/browser-stats.ts'
import { launchChromium, type Chromium } from '../harness/chromium.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from '../harness/ffmpeg-publisher.ts'
import { tokenSigner, type TokenObject } from '../harness/playback-tokens.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

// One of each player.
vi.setConfig({ maxConcurrency: 2 })

const PLAYERS = [
  { player: 'hls.js', open: openHlsPage, refusal: /^manifestLoadError \(HTTP 403\)/ },
  {
    player: 'the IVS player',
    open: openIvsPage,
    refusal:
      /^ErrorAuthorization from MasterPlaylist \([0-9]+\): (invalid_playback_auth_token|playback_auth_error)/,
  },
] as const
const START_LIMIT_MS = 20_000
const PLAY_SECONDS = 2

const signer = tokenSigner()
let server: TestServer
let browser: Chromium
let allowed: BrowserPages
let other: BrowserPages
let privateChannel: TestChannel
let strictChannel: TestChannel
const publishers: FfmpegPublisher[] = []

beforeAll(async () => {
  ;[server, browser, allowed, other] = await Promise.all([
    startTestServer(),
    launchChromium(),
    serveBrowserPages(),
    serveBrowserPages(),
  ])
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  const { playbackRestrictionPolicy } = await server.client.send(
    new CreatePlaybackRestrictionPolicyCommand({
      allowedOrigins: [allowed.baseUrl],
      enableStrictOriginEnforcement: true,
    }),
  )
  privateChannel = await server.createChannel({ authorized: true })
  const playbackRestrictionPolicyArn = playbackRestrictionPolicy?.arn
  strictChannel = await server.createChannel({ playbackRestrictionPolicyArn })
  for (const { rtmpUrl } of [privateChannel, strictChannel]) {
    publishers.push(await publishWithFfmpeg({ url: rtmpUrl }))
  }
  await Promise.all([privateChannel, strictChannel].map((channel) => server.untilLive(channel)))
})

afterAll(async () => {
  for (const one of [...publishers, allowed, other, browser, server]) await one[Symbol.asyncDispose]()
})

/** The private channel's playback URL with a token. */
function signedUrl(claims: TokenObject = {}): string {
  const exp = Math.floor(Date.now() / 1000) + 300
  const token = signer.sign({ 'aws:channel-arn': privateChannel.arn, exp, ...claims })
  return `${privateChannel.playbackUrl}?token=${token}`
}

async function expectToPlay(player: PlayingPage<PlayerStats>): Promise<void> {
  const started = await player.waitUntil((stats) => stats.currentTimeS > 0, START_LIMIT_MS)
  const stats = await player.waitUntil(
    (now) => now.currentTimeS > started.currentTimeS + PLAY_SECONDS,
    START_LIMIT_MS,
  )
  expect(stats.errors).toEqual([])
}

async function expectRefusal(player: PlayingPage<PlayerStats>, refusal: RegExp): Promise<void> {
  const stats = await vi.waitFor(
    async () => {
      const now = await player.stats()
      expect(now.errors).not.toEqual([])
      return now
    },
    { timeout: START_LIMIT_MS },
  )
  expect(stats.errors[0]).toEqual({ fatal: true, what: expect.stringMatching(refusal) as string })
  expect(stats.currentTimeS).toBe(0)
}

describe.concurrent.each(PLAYERS)('$player', ({ player: name, open, refusal }) => {
  test('plays a private channel from a page that only holds a token, on the one origin that the token allows', async () => {
    const claims = {
      'aws:access-control-allow-origin': allowed.baseUrl,
      'aws:strict-origin-enforcement': true,
    }
    await using player = await open(browser, allowed, { playbackUrl: signedUrl(claims) })
    await expectToPlay(player)
    await using refused = await open(browser, other, { playbackUrl: signedUrl(claims) })
    await expectRefusal(refused, refusal)
  })

  test('is refused a private channel without a token', async () => {
    await using player = await open(browser, allowed, { playbackUrl: privateChannel.playbackUrl })
    await expectRefusal(player, refusal)
  })

  test('plays a public channel with a strict policy on the allowed origin only', async () => {
    await using player = await open(browser, allowed, { playbackUrl: strictChannel.playbackUrl })
    await expectToPlay(player)
    await using refused = await open(browser, other, { playbackUrl: strictChannel.playbackUrl })
    await expectRefusal(refused, refusal)
  })

  test('stops when its viewer is revoked: nothing is sent any more a second later', async () => {
    const viewerId = `viewer of ${name}`
    const claims = { 'aws:viewer-id': viewerId, 'aws:viewer-session-version': 7 }
    await using player = await open(browser, allowed, { playbackUrl: signedUrl(claims) })
    await expectToPlay(player)
    const { stream } = await server.client.send(new GetStreamCommand({ channelArn: privateChannel.arn }))
    expect(stream?.viewerCount).toBeGreaterThanOrEqual(1)
    const sent: number[] = []
    player.page.on('requestfinished', (request) => {
      void request.response().then((response) => {
        if (response?.ok() === true && request.url().includes('/v1/s/')) sent.push(Date.now())
      })
    })
    const viewerSessionVersionsLessThanOrEqualTo = 7
    const channelArn = privateChannel.arn
    await server.client.send(
      new StartViewerSessionRevocationCommand({
        channelArn,
        viewerId,
        viewerSessionVersionsLessThanOrEqualTo,
      }),
    )
    const revokedAtMs = Date.now()
    const timeOf = async (): Promise<number> => (await player.stats()).currentTimeS
    await vi.waitFor(
      async () => {
        expect((await player.stats()).errors.some((error) => error.what.includes('403'))).toBe(true)
      },
      { timeout: START_LIMIT_MS },
    )
    // What was buffered may play out.
    await vi.waitFor(
      async () => {
        const before = await timeOf()
        await player.page.waitForTimeout(700)
        expect((await timeOf()) - before).toBe(0)
      },
      { timeout: START_LIMIT_MS },
    )
    expect(sent.filter((atMs) => atMs > revokedAtMs + 1000)).toEqual([])
  })
})
