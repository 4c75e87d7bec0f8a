/**
 * Ads that the player puts in by itself: hls.js in Chromium plays them as HLS interstitials from a guided session.
 */
import { InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { expect, test, vi } from 'vitest'
import { podAnswer, startTestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { evenness, notePictures, pictureRuns, shownPictures } from '../harness/browser-pictures.ts'
import { openHlsPage, serveBrowserPages } from '../harness/browser-pages.ts'
import { launchChromium } from '../harness/chromium.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { playerAddresses, textOf, urlsOf } from '../harness/mediatailor-player.ts'
import { startTestServer } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

const AD_SECONDS = 4
const LEAD_SECONDS = 4
const START_LIMIT_MS = 20_000
const BREAK_LIMIT = { timeout: 30_000, interval: 250 }
const WHOLE_AD = WHOLE_AD_EVENTS.map((event) => `one:${event}`)
const RETURN_LIMIT_MS = 15_000
/** Players without parts stay three segments behind. */
const RESERVE_SEGMENTS = 4
const LIVE_LATENCY_S = 10
/** An ad that is seen whole is so much shorter at most, and a picture stands so long at its edges. */
const EDGE_MS = 300
/** On a machine that is late. Players that lose their way stand for seconds. */
const MAX_STAND_MS = 1000

/** Notes what hls.js says about interstitials, in order. */
const NOTE_EVENTS = `
  window.interstitialEvents = []
  for (const name of ['hlsAssetListLoaded', 'hlsInterstitialStarted', 'hlsInterstitialEnded', 'hlsInterstitialAssetError'])
    window.hls.on(name, () => window.interstitialEvents.push(name))
`

test('hls.js plays the ads of a guided session from its asset list, and goes on with the content', async () => {
  await using adServer = await startTestAdServer()
  const file = await testCreative({ seconds: AD_SECONDS })
  const ad = { id: 'one', durationMs: AD_SECONDS * 1000, mediaUrl: adServer.serveFile(file) }
  adServer.answerWith(podAnswer([ad]))
  const flags = { adLeadSeconds: String(LEAD_SECONDS), adTargetAllow: adServer.hostPort }
  await using server = await startTestServer({ flags })
  const channel = await server.createChannel()
  const configuration = {
    AdDecisionServerUrl: adServer.template('&viewer=[player_params.viewer]'),
    InsertionMode: 'PLAYER_SELECT' as const,
  }
  await setUpAds(server, {
    channelArn: channel.arn,
    adDecisionServerUrl: configuration.AdDecisionServerUrl,
    name: 'guided-ads',
    postRollSeconds: AD_SECONDS,
  })
  const { master } = await playerAddresses(server, channel, { Name: 'guided-ads', ...configuration })
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '320x180' })
  await server.untilLive(channel)
  const scout = `${master}?ads.viewer=scout&aws.insertionMode=GUIDED`
  const [content = ''] = urlsOf(await textOf(scout), scout)
  await vi.waitFor(async () => {
    expect((await textOf(content)).split('#EXTINF').length).toBeGreaterThan(RESERVE_SEGMENTS)
  }, BREAK_LIMIT)
  await using browser = await launchChromium()
  await using pages = await serveBrowserPages()
  const playbackUrl = `${master}?ads.viewer=guided&aws.insertionMode=GUIDED`
  await using player = await openHlsPage(browser, pages, { playbackUrl })
  const start = await player.waitUntil(({ startupMs }) => startupMs !== undefined, START_LIMIT_MS)
  await player.page.evaluate(NOTE_EVENTS)
  await notePictures(player.page)
  const insert = new InsertAdBreakCommand({ channelArn: channel.arn, durationSeconds: AD_SECONDS })
  const events = (): Promise<readonly string[]> => player.page.evaluate('window.interstitialEvents')

  // In the first break the creative is new: an empty list, and nothing stands still.
  await server.client.send(insert)
  await vi.waitFor(async () => expect(await events()).toContain('hlsAssetListLoaded'), BREAK_LIMIT)
  // The next one is refused as long as this one runs.
  await vi.waitFor(() => server.client.send(insert), BREAK_LIMIT)
  await player.page.evaluate('window.interstitialEvents.length = 0')
  expect(adServer.hits.filter(({ event }) => event !== 'error')).toEqual([])
  const uuid = adServer.requests.find(({ query }) => query.get('viewer') === 'guided')?.sessionId ?? ''
  await vi.waitFor(() => expect(adServer.eventsOf(uuid).slice(-6)).toEqual(WHOLE_AD), BREAK_LIMIT)
  await vi.waitFor(async () => expect(await events()).toContain('hlsInterstitialEnded'), BREAK_LIMIT)
  expect(await events()).toEqual(['hlsAssetListLoaded', 'hlsInterstitialStarted', 'hlsInterstitialEnded'])
  const { currentTimeS } = await player.stats()
  const later = await player.waitUntil((stats) => stats.currentTimeS > currentTimeS + 3, RETURN_LIMIT_MS)
  expect(later.errors.filter(({ fatal }) => fatal)).toEqual([])
  expect(later.latencyS).toBeLessThan(start.latencyS + MAX_STAND_MS / 1000)
  const pictures = await shownPictures(player.page)
  const runs = pictureRuns(pictures)
  expect(runs.map(({ kind }) => kind)).toEqual(['other', 'bars', 'other'])
  expect((runs[1]?.toMs ?? 0) - (runs[1]?.fromMs ?? 0)).toBeGreaterThan(AD_SECONDS * 1000 - EDGE_MS)
  const edgesMs = runs.slice(1).map(({ fromMs }) => fromMs)
  const awayMs = evenness(pictures, edgesMs, 'away').longestStandMs
  expect(awayMs).toBeLessThan(MAX_STAND_MS)
  expect(evenness(pictures, edgesMs, 'near').longestStandMs).toBeLessThan(Math.max(EDGE_MS, 2 * awayMs))

  // Who comes now has ads before the stream, from a configuration of their own.
  const eventsOf = (viewer: string): readonly string[] =>
    adServer.eventsOf(adServer.requests.find(({ query }) => query.get('viewer') === viewer)?.sessionId ?? '')
  const before = await playerAddresses(server, channel, {
    Name: 'ads-before',
    ...configuration,
    LivePreRollConfiguration: {
      AdDecisionServerUrl: configuration.AdDecisionServerUrl,
      MaxDurationSeconds: AD_SECONDS + 1,
    },
  })
  await using second = await openHlsPage(browser, pages, {
    playbackUrl: `${before.master}?ads.viewer=early&aws.insertionMode=GUIDED`,
  })
  await vi.waitFor(() => expect(eventsOf('early')).toEqual(WHOLE_AD), BREAK_LIMIT)
  await second.waitUntil(
    ({ bufferedS, latencyS }) => bufferedS > 0 && latencyS < LIVE_LATENCY_S,
    RETURN_LIMIT_MS,
  )

  await player.page.evaluate('window.interstitialEvents.length = 0')
  const reported = eventsOf('guided').length
  await publisher.stop()
  await vi.waitFor(async () => {
    const seen = JSON.stringify({ events: await events(), stats: await player.stats() })
    expect(eventsOf('guided').slice(reported), seen).toEqual(WHOLE_AD)
  }, BREAK_LIMIT)
  expect(await events()).toContain('hlsInterstitialStarted')
})
