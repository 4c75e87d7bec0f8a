/**
 * Players that speak MediaTailor with this server, over real sockets: explicit and implicit sessions, tracking, and ads
 * that the player puts in by itself, in one break of a real stream.
 */
import { ImportPlaybackKeyPairCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { ConfigureLogsForPlaybackConfigurationCommand } from '@aws-sdk/client-mediatailor'
import HLS from 'hls-parser'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TrackingDocument } from '../../src/ads/beacons/tracking-document.ts'
import { adMetricsReader, type MetricTotal } from '../harness/ad-metrics-reader.ts'
import { podAnswer, startTestAdServer, type TestAdServer } from '../harness/ad-server.ts'
import { mediaTailorClient, setUpAds } from '../harness/ad-set-up.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import {
  beginSession,
  playerAddresses,
  segmentsOfAd,
  textOf,
  urlsOf,
  type PlayerAddresses,
} from '../harness/mediatailor-player.ts'
import { tokenSigner } from '../harness/playback-tokens.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

const AD_SECONDS = 4
const LEAD_SECONDS = 2
/** Of a session, to see ads. */
const MIN_AGE_SECONDS = 6
const LIMIT = { timeout: 20_000, interval: 200 }
/** All series that one break and its sessions make. */
const METRICS_OF_A_BREAK = [
  'AdDecisionServer.Ads',
  'AdDecisionServer.Duration',
  'AdDecisionServer.FillRate',
  'AdDecisionServer.Latency',
  'AdNotReady',
  'AdsBilled',
  'Avail.Complete',
  'Avail.Complete.Fired@127.0.0.1',
  'Avail.Duration',
  'Avail.FillRate',
  'Avail.FilledDuration',
  'Avail.FirstQuartile',
  'Avail.Impression',
  'Avail.Impression.Fired@127.0.0.1',
  'Avail.Midpoint',
  'Avail.ObservedDuration',
  'Avail.ObservedFillRate',
  'Avail.ObservedFilledDuration',
  'Avail.ObservedSlateDuration',
  'Avail.Start',
  'Avail.ThirdQuartile',
  'GetManifest.Errors',
  'GetManifest.Latency',
  'Requests',
  'SkippedReason.NewCreative',
]
const WHOLE_AD = WHOLE_AD_EVENTS.map((event) => `one:${event}`)

const cleanup = new AsyncDisposableStack()
let adServer: TestAdServer
let server: TestServer
let channel: TestChannel
let addresses: PlayerAddresses
let token: string
const logger = new RecordingLogger()

beforeAll(async () => {
  adServer = cleanup.use(await startTestAdServer())
  const mediaUrl = adServer.serveFile(await testCreative({ seconds: AD_SECONDS }))
  adServer.answerWith(podAnswer([{ id: 'one', durationMs: AD_SECONDS * 1000, mediaUrl }]))
  server = cleanup.use(
    await startTestServer({
      flags: { adLeadSeconds: String(LEAD_SECONDS), adTargetAllow: adServer.hostPort },
      logger,
    }),
  )
  const signer = tokenSigner()
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  channel = await server.createChannel({ authorized: true })
  token = signer.sign({ 'aws:channel-arn': channel.arn, exp: Math.floor(Date.now() / 1000) + 600 })
  // The channel has ads from one configuration, and these players come by another.
  const nowhere = `${adServer.baseUrl}/nobody`
  await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl: nowhere })
  addresses = await playerAddresses(server, channel, {
    Name: 'direct ads',
    AdDecisionServerUrl: adServer.template('&viewer=[player_params.viewer]'),
    InsertionMode: 'PLAYER_SELECT',
  })
  await configureLogs('direct ads')
  cleanup.use(await publishWithFfmpeg({ url: channel.rtmpUrl, size: '320x180' }))
  await server.untilLive(channel)
  await prepareCreatives()
})

afterAll(() => cleanup.disposeAsync())

/** The first viewer of all sees content, and lets the creative be made ready while his break runs. */
async function prepareCreatives(): Promise<void> {
  const first = await beginSession(addresses.session, { adsParams: { viewer: 'first' }, token })
  await textOf(await playlistOf(first.manifestUrl))
  await insertBreak(AD_SECONDS)
  await vi.waitFor(() => expect(viewersAsked()).toContain('first'), LIMIT)
  // Whoever comes before its end would get the rest of it.
  const overAtMs = Date.now() + (LEAD_SECONDS + AD_SECONDS + 1) * 1000
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(overAtMs), LIMIT)
}

/** All sessions, but not every kind of event. */
async function configureLogs(PlaybackConfigurationName: string): Promise<void> {
  const client = mediaTailorClient(server.url('api'))
  await client.send(
    new ConfigureLogsForPlaybackConfigurationCommand({
      PlaybackConfigurationName,
      PercentEnabled: 100,
      AdsInteractionLog: { ExcludeEventTypes: ['VAST_RESPONSE'] },
      ManifestServiceInteractionLog: { ExcludeEventTypes: ['TRACKING_RESPONSE'] },
    }),
  )
  client.destroy()
}

/** Kinds of what was logged of the session of `viewer`, in order, each once. */
function loggedOf(viewer: string): string[] {
  const lines = logger.lines.filter(({ fields }) => fields['sessionId'] === toldOf(viewer))
  return [...new Set(lines.map(({ fields }) => String(fields['eventType'])))]
}

async function insertBreak(durationSeconds: number): Promise<string> {
  const command = new InsertAdBreakCommand({ channelArn: channel.arn, durationSeconds })
  return (await server.client.send(command)).adBreakId ?? ''
}

/** The first media playlist of a multivariant playlist. */
async function playlistOf(multivariantUrl: string): Promise<string> {
  return urlsOf(await textOf(multivariantUrl), multivariantUrl)[0] ?? ''
}

function viewersAsked(): (string | null)[] {
  return adServer.requests.map(({ query }) => query.get('viewer'))
}

/** A media playlist, once all ads of the break are in it. */
function untilAds(url: string): Promise<string> {
  return vi.waitFor(async () => {
    const text = await textOf(url)
    expect(adSegments(text)).toHaveLength(AD_SECONDS / 2)
    return text
  }, LIMIT)
}

/** The session of `viewer`, as the ad server was told it. */
function toldOf(viewer: string): string {
  const asked = adServer.requests.find(({ query }) => query.get('viewer') === viewer)
  return asked?.sessionId ?? 'nobody'
}

async function track(url: string, body?: Record<string, unknown>): Promise<TrackingDocument> {
  const response = await fetch(url, body ? { method: 'POST', body: JSON.stringify(body) } : {})
  expect(response.status).toBe(200)
  return (await response.json()) as TrackingDocument
}

/** Numbers of the segments in `playlist` that are ads. */
function adSegments(playlist: string): string[] {
  return [...playlist.matchAll(/^#EXTINF:[\d.]+,(?!live)\S+\n\S*\/(\d+)\.ts$/gm)].map(([, msn = '']) => msn)
}

/** When the segments of `playlist` that are ads begin. */
function adTimesMs(playlist: string): number[] {
  let atMs = 0
  return playlist.split('\n').flatMap((line) => {
    const [, time] = /^#EXT-X-PROGRAM-DATE-TIME:(.*)$/.exec(line) ?? []
    if (time !== undefined) atMs = Date.parse(time)
    const [, seconds, title] = /^#EXTINF:([\d.]+),(.*)$/.exec(line) ?? []
    if (seconds === undefined) return []
    const beginMs = atMs
    atMs += Number(seconds) * 1000
    return title === 'live' ? [] : [beginMs]
  })
}

describe('in a break', () => {
  let breakId: string
  let explicit: Awaited<ReturnType<typeof beginSession>>
  let explicitPlaylist: string
  let implicitPlaylist: string
  let hybrid: Awaited<ReturnType<typeof beginSession>>
  let guidedPlaylist: string
  let reportingPlaylist: string

  beforeAll(async () => {
    const { session, master } = addresses
    explicit = await beginSession(session, {
      adsParams: { viewer: 'explicit' },
      manifestParams: { token, auth: 'a b' },
    })
    hybrid = await beginSession(session, {
      playerParams: { viewer: 'hybrid' },
      reportingMode: 'server',
      token,
    })
    explicitPlaylist = await playlistOf(explicit.manifestUrl)
    const hybridPlaylist = await playlistOf(hybrid.manifestUrl)
    implicitPlaylist = await playlistOf(`${master}?ads.viewer=implicit&token=${token}`)
    guidedPlaylist = await playlistOf(
      `${master}?ads.viewer=guided&aws.insertionMode=GUIDED&manifest.token=${token}`,
    )
    const reporting = await beginSession(session, {
      adsParams: { viewer: 'reporting' },
      insertionMode: 'guided',
      token,
    })
    reportingPlaylist = await playlistOf(reporting.manifestUrl)
    for (const url of [explicitPlaylist, hybridPlaylist, implicitPlaylist, guidedPlaylist]) await textOf(url)
    breakId = await insertBreak(AD_SECONDS)
  })

  test('an explicit session is told of its ads and reports by itself (ssai §3.8)', async () => {
    const playlist = await untilAds(explicitPlaylist)
    const msns = adSegments(playlist)
    expect(explicitPlaylist).toMatch(/\.m3u8\?auth=a\+b$/)
    const { avails, nextToken } = await track(explicit.trackingUrl)
    expect(avails).toMatchObject([
      { availId: msns[0], durationInSeconds: AD_SECONDS, ads: [{ adId: msns[0], vastAdId: 'one' }] },
    ])
    const events = avails[0]?.ads[0]?.trackingEvents ?? []
    expect(events.map(({ eventType }) => eventType)).toEqual(expect.arrayContaining([...WHOLE_AD_EVENTS]))
    expect(events.every(({ eventId }) => msns.includes(eventId))).toBe(true)
    expect(playlist).toContain(`X-SESSION-ID="${toldOf('explicit')}",X-TRACKING-DATA="`)
    expect((await track(explicit.trackingUrl, { NextToken: nextToken })).avails).toEqual([])
    for (const url of urlsOf(playlist, explicitPlaylist)) await fetch(url)
    expect(adServer.eventsOf(toldOf('explicit'))).toEqual([])
  })

  test('no ad server is told what a session’s addresses are', () => {
    const told = adServer.requests.map(({ sessionId }) => sessionId)
    expect(told).not.toContain(explicit.uuid)
    expect(told).not.toContain(hybrid.uuid)
  })

  test('an implicit session is reported for (ssai §3.1)', async () => {
    const playlist = await untilAds(implicitPlaylist)
    for (const url of urlsOf(playlist, implicitPlaylist)) await (await fetch(url)).arrayBuffer()
    await vi.waitFor(() => expect(adServer.eventsOf(toldOf('implicit'))).toEqual(WHOLE_AD), LIMIT)
  })

  test('a session with server reporting has its tracking too, and addresses of MediaTailor’s own form', async () => {
    const folder = (kind: string): string => hybrid.trackingUrl.replace('/v1/tracking/', `/v1/${kind}/`)
    const playlist = await untilAds(`${folder('manifest')}/0.m3u8?_HLS_skip=NO`)
    for (const msn of adSegments(playlist)) {
      const response = await fetch(`${folder('segment')}/0/${msn}`)
      expect(response.headers.get('content-type')).toBe('video/mp2t')
      await response.arrayBuffer()
    }
    await vi.waitFor(() => expect(adServer.eventsOf(toldOf('hybrid'))).toEqual(WHOLE_AD), LIMIT)
    expect((await track(hybrid.trackingUrl)).avails).toHaveLength(1)
    expect((await fetch(`${folder('manifest')}/9.m3u8`)).status).toBe(404)
  })

  test('a guided session has content alone, and ads for its player to put in (ssai §3.10)', async () => {
    expect(guidedPlaylist).toMatch(/\/v1\/i-media\/[0-9a-f]{40}\/direct%20ads\//)
    const playlist = await textOf(guidedPlaylist)
    expect(adSegments(playlist)).toEqual([])
    for (const url of urlsOf(playlist, guidedPlaylist)) expect((await fetch(url)).status).toBe(200)
    const ranges = playlist.split('\n').filter((line) => line.includes('"com.apple.hls.interstitial"'))
    const range = ranges.find((line) => line.includes(`ID="ad-break-${breakId}"`)) ?? ''
    expect(range).toMatch(/DURATION=4\.000,X-RESTRICT="SKIP,JUMP",X-SNAP="OUT,IN",X-ASSET-LIST="/)
    const listUrl = new URL(/X-ASSET-LIST="([^"]*)"/.exec(range)?.[1] ?? '', guidedPlaylist).href
    expect(viewersAsked()).not.toContain('guided')
    const list = JSON.parse(await textOf(`${listUrl}?_HLS_primary_id=p1`)) as {
      readonly ASSETS: readonly { readonly URI: string; readonly DURATION: number }[]
    }
    expect(list.ASSETS).toMatchObject([{ DURATION: AD_SECONDS }])
    expect(await textOf(listUrl)).toContain('"ASSETS":[{"URI"')
    expect(viewersAsked().filter((viewer) => viewer === 'guided')).toHaveLength(1)

    const asset = list.ASSETS[0]?.URI ?? ''
    expect(asset).toMatch(/\/tm\/[0-9a-f]{40}\/[^/]+\/reported\.m3u8\?awsBeaconData=/)
    HLS.parse(await textOf(asset))
    for (const url of await segmentsOfAd(asset)) {
      expect(url).toMatch(/\/v1\/segment\/[0-9a-f]{40}\/direct%20ads\//)
      const redirected = await fetch(url, { redirect: 'manual' })
      expect([redirected.status, redirected.headers.get('cache-control')]).toEqual([302, 'no-store'])
      const media = await fetch(new URL(redirected.headers.get('location') ?? '', url))
      expect(media.headers.get('cache-control')).toBe('public, max-age=86400, immutable')
      expect(Buffer.from(await media.arrayBuffer())[0]).toBe(0x47)
    }
    await vi.waitFor(() => expect(adServer.eventsOf(toldOf('guided'))).toEqual(WHOLE_AD), LIMIT)
  })

  test('a guided session that reports by itself is told what, beside its ads', async () => {
    const playlist = await textOf(reportingPlaylist)
    const path = new RegExp(`X-ASSET-LIST="([^"]*${breakId})"`).exec(playlist)?.[1] ?? ''
    const list = JSON.parse(await textOf(new URL(path, reportingPlaylist).href)) as {
      readonly ASSETS: readonly { readonly URI: string }[]
      readonly TRACKING: Pick<TrackingDocument, 'avails'>
    }
    const { avails } = list.TRACKING
    expect(avails).toMatchObject([{ durationInSeconds: AD_SECONDS, ads: [{ vastAdId: 'one' }] }])
    const asset = list.ASSETS[0]?.URI ?? ''
    expect(asset).toMatch(/\/asset\.m3u8$/)
    for (const url of await segmentsOfAd(asset)) expect((await fetch(url)).status).toBe(200)
    expect(viewersAsked()).toContain('reporting')
    expect(adServer.eventsOf(toldOf('reporting'))).toEqual([])
  })

  test.each(['x', 'AbCdEfGhIjKl', 'AbCdEfGhIjKl/0.m3u8'])('there is no interstitial %s', async (what) => {
    const folder = hybrid.trackingUrl.replace('/v1/tracking/', '/v1/interstitials/')
    expect((await fetch(`${folder}/${what}`)).status).toBe(404)
  })

  test('the configuration of the channel was asked for nobody here', () => {
    expect(adServer.requests.filter(({ path }) => path === '/nobody')).toEqual([])
  })

  test('a CloudWatch client reads what became of it, by the names of the service (ssai §3.9)', async () => {
    using metrics = adMetricsReader(server.url('api'), 'direct ads')
    const decisions = viewersAsked().length
    // The first break was content, and two sessions of the second put its ads in by themselves.
    const stitched = decisions - 3
    // Three report through the server.
    const reported = { count: 3, sum: 3 }
    const adMs = expect.closeTo(AD_SECONDS * 1000, -2) as number
    await vi.waitFor(async () => {
      const all = await metrics.totals()
      // A busy machine may need a second try.
      const names = Object.keys(all).filter((name) => !/\.(Retried|Recovered)@/.test(name))
      expect(names).toEqual(METRICS_OF_A_BREAK)
      const one = (name: string): MetricTotal => all[name] ?? { count: 0, sum: 0 }
      expect(one('AdDecisionServer.Ads')).toEqual({ count: decisions, sum: decisions })
      expect(one('AdDecisionServer.Duration').sum).toBe(decisions * AD_SECONDS * 1000)
      expect(one('AdDecisionServer.FillRate')).toEqual({ count: decisions, sum: decisions })
      expect(one('AdDecisionServer.Latency').count).toBe(decisions)
      expect(one('Avail.Duration')).toEqual({ count: decisions, sum: decisions * AD_SECONDS * 1000 })
      expect(one('Avail.FilledDuration').sum / (decisions - 1)).toEqual(adMs)
      expect(one('Avail.FillRate').count).toBe(decisions)
      expect(one('AdNotReady')).toEqual({ count: 1, sum: 1 })
      expect(one('SkippedReason.NewCreative')).toEqual({ count: 1, sum: 1 })
      expect(one('AdsBilled').sum).toBe(stitched + 2)
      expect(one('Avail.ObservedDuration')).toEqual({
        count: stitched + 1,
        sum: (stitched + 1) * AD_SECONDS * 1000,
      })
      expect(one('Avail.ObservedFilledDuration').sum / stitched).toEqual(adMs)
      expect(one('Avail.ObservedSlateDuration').sum).toBe(0)
      for (const event of ['Impression', 'Start', 'FirstQuartile', 'Midpoint', 'ThirdQuartile', 'Complete']) {
        expect(one(`Avail.${event}`)).toEqual(reported)
      }
      expect(one('Avail.Impression.Fired@127.0.0.1')).toEqual(reported)
      expect(one('Avail.Complete.Fired@127.0.0.1')).toEqual(reported)
      expect(one('GetManifest.Errors').sum).toBe(1)
      expect(one('GetManifest.Latency').count).toBeLessThan(one('Requests').sum)
    }, LIMIT)
  })

  test('sessions are logged by the names of the service, without kinds that are excluded (ssai §2.3)', () => {
    const begun = ['SESSION_INITIALIZED', 'GENERATED_MANIFEST', 'MAKING_ADS_REQUEST', 'FILLED_AVAIL']
    expect(loggedOf('explicit')).toEqual(begun)
    expect(loggedOf('implicit')).toEqual([...begun, 'BEACON_FIRED'])
    expect(loggedOf('guided')).toEqual([...begun, 'BEACON_FIRED'])
    const texts = logger.lines.map(({ fields }) => JSON.stringify(fields))
    expect(texts.filter((text) => text.includes(explicit.uuid) || text.includes('sid='))).toEqual([])
  })
})

test('a session whose configuration has ads before the stream sees them first (ssai §3.4, §3.10)', async () => {
  const { master } = await playerAddresses(server, channel, {
    Name: 'pre-ads',
    AdDecisionServerUrl: `${adServer.baseUrl}/nobody`,
    InsertionMode: 'PLAYER_SELECT',
    LivePreRollConfiguration: {
      AdDecisionServerUrl: adServer.template('&viewer=[player_params.viewer]'),
      MaxDurationSeconds: AD_SECONDS + 1,
    },
  })
  const playlistUrl = await playlistOf(`${master}?ads.viewer=early&token=${token}`)
  const playlist = await untilAds(playlistUrl)
  expect(playlist).toContain('X-NET-LIVE-VIDEO-AD-ROLL-TYPE="PREROLL"')
  for (const url of urlsOf(playlist, playlistUrl)) await (await fetch(url)).arrayBuffer()
  await vi.waitFor(() => expect(adServer.eventsOf(toldOf('early'))).toEqual(WHOLE_AD), LIMIT)

  const guidedUrl = await playlistOf(
    `${master}?ads.viewer=early-guided&token=${token}&aws.insertionMode=GUIDED`,
  )
  const [, path = ''] = /CUE="PRE,ONCE",X-ASSET-LIST="([^"]*)"/.exec(await textOf(guidedUrl)) ?? []
  expect(path).toMatch(/\/aws-mediatailor-preroll-1$/)
  const list = JSON.parse(await textOf(new URL(path, guidedUrl).href)) as {
    readonly ASSETS: readonly unknown[]
  }
  expect(list.ASSETS).toHaveLength(1)
  expect(adServer.requests.find(({ query }) => query.get('viewer') === 'early')?.query.get('dur')).toBe('5')
})

test('PARTIAL_AVAIL fills what is left of a break once the session is old enough (ssai §3.4)', async () => {
  const { master } = await playerAddresses(server, channel, {
    Name: 'partial',
    AdDecisionServerUrl: adServer.template('&viewer=[player_params.viewer]'),
  })
  const begunAtMs = Date.now()
  const open = (viewer: string, parameters = ''): Promise<string> =>
    playlistOf(`${master}?ads.viewer=${viewer}&token=${token}${parameters}`)
  const wholeUrl = await open('whole')
  const partUrl = await open(
    'part',
    `&aws.availSuppressionMode=AFTER_LIVE_EDGE&aws.availSuppressionValue=00:00:0${MIN_AGE_SECONDS}` +
      '&aws.availSuppressionFillPolicy=PARTIAL_AVAIL',
  )
  for (const url of [wholeUrl, partUrl]) await textOf(url)
  // A quarter of it is half an ad: two of them are left when the session is old enough, or more.
  await insertBreak(2 * AD_SECONDS)
  const [whole, part] = await Promise.all(
    [wholeUrl, partUrl].map(async (url) => adTimesMs(await untilAds(url))),
  )
  expect(part?.[0]).toBeGreaterThanOrEqual(begunAtMs + MIN_AGE_SECONDS * 1000)
  expect(part?.[0]).toBeGreaterThan(whole?.[0] ?? Infinity)
  const urls = urlsOf(await textOf(partUrl), partUrl)
  for (const url of urls) await (await fetch(url)).arrayBuffer()
  await vi.waitFor(() => expect(adServer.eventsOf(toldOf('part'))).toEqual(WHOLE_AD), LIMIT)
  const asked = adServer.requests.find(({ query }) => query.get('viewer') === 'part')
  expect(Number(asked?.query.get('dur'))).toBeLessThan(2 * AD_SECONDS)
})

test('a channel without an ad configuration plays, and has no breaks', async () => {
  const plain = await server.createChannel()
  await using _publisher = await publishWithFfmpeg({ url: plain.rtmpUrl, size: '320x180' })
  await server.untilLive(plain)
  const { session } = await playerAddresses(server, plain, {
    Name: 'direct',
    AdDecisionServerUrl: adServer.template(),
  })
  const { manifestUrl, trackingUrl } = await beginSession(session, {})
  const playlistUrl = await playlistOf(manifestUrl)
  expect(playlistUrl).toContain('/v1/s/')
  expect(await textOf(playlistUrl)).toContain('#EXTINF:')
  expect((await track(trackingUrl)).avails).toEqual([])
  const insert = new InsertAdBreakCommand({ channelArn: plain.arn, durationSeconds: 10 })
  await expect(server.client.send(insert)).rejects.toMatchObject({ name: 'ValidationException' })
})

describe('refuses', () => {
  const changed = (url: string, from: string | RegExp, to: string): string => url.replace(from, to)

  test.each([
    ['a private channel without a token', 403, 'AccessDeniedException', () => addresses.master],
    [
      'a private channel with a bad token',
      403,
      'AccessDeniedException',
      () => `${addresses.master}?token=${token}x`,
    ],
    [
      'a configuration that there is not',
      404,
      'NotFoundException',
      () => changed(addresses.master, 'direct%20ads', 'others'),
    ],
    [
      'an account that there is not',
      404,
      'NotFoundException',
      () => changed(addresses.master, /[0-9a-f]{40}/, '0'.repeat(40)),
    ],
    [
      'a channel of another account',
      404,
      'NotFoundException',
      () => changed(addresses.master, /\.\d{12}\.channel/, '.999999999999.channel'),
    ],
    [
      'an asset that is no channel',
      404,
      'NotFoundException',
      () => changed(addresses.master, /api\/video.*$/, 'film.m3u8'),
    ],
    [
      'a session that there is not',
      400,
      'BadRequestException',
      () => `${addresses.master}?aws.sessionId=00000000-0000-8000-8000-000000000000`,
    ],
    [
      'tracking of a session that there is not',
      400,
      'BadRequestException',
      () =>
        changed(addresses.session, '/v1/session/', '/v1/tracking/').replace(
          /api\/video.*$/,
          '00000000-0000-8000-8000-000000000000',
        ),
    ],
    [
      'a reporting mode that there is not',
      400,
      'BadRequestException',
      () => `${addresses.master}?aws.reportingMode=NOBODY`,
    ],
  ])('%s', async (_what, status, type, url) => {
    const response = await fetch(url())
    expect(response.status).toBe(status)
    expect(response.headers.get('x-amzn-errortype')).toBe(type)
    expect(await response.json()).toEqual({ message: expect.any(String) as string })
  })

  test('an alias that the configuration does not know, and what is not offered', async () => {
    const { session } = await playerAddresses(server, channel, {
      Name: 'aliases',
      AdDecisionServerUrl: 'http://[player_params.site]/vast',
      ConfigurationAliases: { 'player_params.site': { home: adServer.hostPort } },
    })
    const begin = (site: string): Promise<Response> =>
      fetch(session, { method: 'POST', body: JSON.stringify({ adsParams: { site } }) })
    expect((await begin('home')).status).toBe(200)
    const unknown = await begin('elsewhere')
    expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([400, 'BadRequestException'])
    const dash = await fetch(changed(addresses.master, '/v1/master/', '/v1/dash/'))
    expect([dash.status, dash.headers.get('x-amzn-errortype')]).toEqual([404, 'NotFoundException'])
  })

  test('guided mode without PLAYER_SELECT, a long body, and a NextToken that is none', async () => {
    const { session } = await playerAddresses(server, channel, {
      Name: 'stitched',
      AdDecisionServerUrl: adServer.template(),
    })
    const guided = await fetch(session, { method: 'POST', body: '{"insertionMode":"GUIDED"}' })
    expect(guided.status).toBe(400)
    const { trackingUrl } = await beginSession(session, {})
    const long = await fetch(session, { method: 'POST', body: 'x'.repeat(100_000) })
    expect([long.status, await long.json()]).toEqual([400, { message: 'the body is too long' }])
    const page = await fetch(trackingUrl, { method: 'POST', body: '{"NextToken":"eHh4"}' })
    expect([page.status, await page.json()]).toEqual([400, { message: 'the NextToken is malformed' }])
  })
})
