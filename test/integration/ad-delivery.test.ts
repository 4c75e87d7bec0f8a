/**
 * Ads over real sockets: the real packager and delivery, with decisions and creatives by hand.
 */
import { gunzipSync } from 'node:zlib'
import HLS from 'hls-parser'
import { describe, expect, test } from 'vitest'
import type { AdBreak } from '../../src/domain/ad-break.ts'
import type { DueBeacon } from '../../src/ads/beacon.ts'
import { printTrackingAttribute, type TrackingAvailJson } from '../../src/ads/beacons/tracking-avail.ts'
import { AdStitching, type AdStitchingOptions } from '../../src/ads/stitch/ad-stitching.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { ManualClock } from '../../src/base/manual-clock.ts'
import { SharedText } from '../../src/delivery/own-text.ts'
import type { AdsClaims } from '../../src/domain/viewer-access.ts'
import { TsDemuxer } from '../../src/media/mpegts/ts-demuxer.ts'
import { adItem, HandDecider, sampleCreative, SampleLibrary } from '../harness/sample-creative.ts'
import { startPackagedStream, type PackagedStream } from '../harness/packaged-stream.ts'

HLS.setOptions({ strictMode: true })

const AD_CHANNEL = {
  adConfigurationArn: 'arn:aws:ivs:us-west-2:123456789012:ad-configuration/AbCdEfGhIjKl',
}
const LONG = sampleCreative('long', 4)
const SHORT = sampleCreative('short', 2)
const POD = { items: [adItem(LONG), adItem(SHORT)], skipped: [] }
const LEAD_MS = 4000
const SEGMENT_FRAMES = 60
const SESSION_UUID = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g

type Options = Partial<Pick<AdStitchingOptions, 'markers' | 'postRollOf' | 'trackingData'>> & {
  readonly claims?: AdsClaims | undefined
}

/** A stream with ads, and what is by hand. */
class Rig implements AsyncDisposable {
  readonly decider: HandDecider = new HandDecider()
  readonly library: SampleLibrary = new SampleLibrary([LONG, SHORT])
  readonly due: DueBeacon[] = []
  readonly #options: Options
  #stream: PackagedStream | undefined
  #ads: AdStitching | undefined

  constructor(options: Options) {
    this.#options = options
  }

  static async start(options: Options = {}): Promise<Rig> {
    const rig = new Rig(options)
    const { claims } = options
    rig.#stream = await startPackagedStream({
      channel: AD_CHANNEL,
      access: { authorize: () => Promise.resolve({ kind: 'granted', rules: claims ? { ads: claims } : {} }) },
      ads: (clock) => {
        rig.#ads = rig.#stitching(clock)
        return {
          wants: (...of) => rig.#knownAds.wants(...of),
          open: (...of) => rig.#knownAds.open(...of),
          show: (...of) => rig.#knownAds.show(...of),
          fetched: (...of) => rig.#knownAds.fetched(...of),
          lingers: (streamId) => rig.#knownAds.lingers(streamId),
        }
      },
    })
    return rig
  }

  get stream(): PackagedStream {
    if (!this.#stream) throw new Error('not started')
    return this.#stream
  }

  #stitching(clock: ManualClock): AdStitching {
    const options: Options = { ...this.#options, claims: undefined }
    return new AdStitching({
      decider: this.decider,
      library: this.library,
      adProfileOf: () => ({ fingerprint: 'profile', renditions: [] }),
      postRollOf: () => Promise.resolve(undefined),
      trackingData: () => undefined,
      beacons: { due: (_viewer, beacons) => void this.due.push(...beacons) },
      clock,
      logger: silentLogger,
      markers: 'player',
      maxSessions: 100,
      maxSegmentBytes: 10_000_000,
      ...options,
    })
  }

  /** URL of the only rendition's playlist, as a new viewer gets it. */
  async join(): Promise<string> {
    const playlist = await text(this.stream.playbackUrl)
    return this.stream.url(/^\/v1\/.*$/m.exec(playlist)?.[0] ?? '')
  }

  get #knownAds(): AdStitching {
    if (!this.#ads) throw new Error('not started')
    return this.#ads
  }

  /** From now on the ads are those of another server process, which did not begin any session so far. */
  forgetSessions(): void {
    this.#ads = this.#stitching(this.stream.clock)
  }

  insert(durationSeconds: number): AdBreak {
    const { clock, packager } = this.stream
    const targetStartMs = clock.nowMs() + LEAD_MS
    const endsAtMs = targetStartMs + durationSeconds * 1000
    const insertedAtMs = clock.nowMs()
    const id = 'AbCdEfGhIjKl'
    const adBreak: AdBreak = {
      id,
      rollType: 'MIDROLL',
      durationSeconds,
      insertedAtMs,
      targetStartMs,
      endsAtMs,
    }
    this.#ads?.breakInserted(packager.media, adBreak)
    return adBreak
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stream[Symbol.asyncDispose]()
  }
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers })
  expect(response.status).toBe(200)
  return response.text()
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Four seconds of content, a viewer, and his pod decided: the break begins with segment 4. */
async function inBreak(options: Options = {}, intoMs = 2400): Promise<{ rig: Rig; url: string }> {
  const rig = await Rig.start(options)
  rig.stream.publish(SEGMENT_FRAMES * 2)
  const url = await rig.join()
  await text(url)
  rig.insert(10)
  rig.decider.give(POD)
  await settle()
  rig.stream.publish(SEGMENT_FRAMES * 2 + Math.round((intoMs * 30) / 1000))
  return { rig, url }
}

describe('a session with ads', () => {
  test('has URLs of its own from its multivariant playlist on, and a viewer who opted out has the shared ones', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    expect(await rig.join()).toContain('/v1/s/')
    await using without = await Rig.start({ claims: { optOut: true } })
    without.stream.publish(SEGMENT_FRAMES * 2)
    expect(await without.join()).toContain('/v1/playlist/')
  })

  test('sees ads in place of content, told of as players read it', async () => {
    const { rig, url } = await inBreak()
    await using _ = rig
    const playlist = (await text(url)).replaceAll(SESSION_UUID, '…')
    await expect(playlist).toMatchFileSnapshot('golden/ads-player.m3u8')
  })

  test('sees the documented class alone where that is wanted', async () => {
    const { rig, url } = await inBreak({ markers: 'documented' })
    await using _ = rig
    const playlist = (await text(url)).replaceAll(SESSION_UUID, '…')
    await expect(playlist).toMatchFileSnapshot('golden/ads-documented.m3u8')
  })

  test('sees content again after its ads, and nothing but the count of discontinuities differs when they are gone', async () => {
    const { rig, url } = await inBreak()
    await using _ = rig
    rig.stream.publish(SEGMENT_FRAMES * 4)
    const after = (await text(url)).replaceAll(SESSION_UUID, '…')
    await expect(after).toMatchFileSnapshot('golden/ads-over.m3u8')
    HLS.parse(after)
    rig.stream.publish(SEGMENT_FRAMES * 20)
    const shared = (await text(rig.stream.playlistUrl())).replaceAll(/\/v1\//g, '../../')
    const own = await text(url)
    expect(own).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:3\n')
    expect(own.replace('#EXT-X-DISCONTINUITY-SEQUENCE:3\n', '')).toBe(shared)
    expect(rig.library.held).toBe(0)
  })

  test('that another server began sees content through a break', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const unknown = await rig.join()
    await text(unknown)
    rig.forgetSessions()
    const known = await rig.join()
    rig.insert(10)
    expect(rig.decider.requests).toHaveLength(1)
    rig.decider.give(POD)
    await settle()
    rig.stream.publish(SEGMENT_FRAMES * 4)
    expect(await text(known)).toContain('live-video-net-stitched-ad')
    const content = await text(unknown)
    expect(content).toContain('/segment/')
    expect(content).not.toContain('live-video-net-stitched-ad')
    for (const msn of ['3', '4', '5']) expect((await fetch(segmentUrl(unknown, msn))).status).toBe(200)
    expect(rig.due).toEqual([])
  })

  test('gets what is its own uncached, and compressed as the same text', async () => {
    const { rig, url } = await inBreak()
    await using _ = rig
    const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('cache-control')).toBe('no-store')
    const packed = await fetch(url, { headers: { 'accept-encoding': 'gzip' } })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    const whole = await plain.text()
    expect(whole).toMatch(SESSION_UUID)
    expect(await packed.text()).toBe(whole)
  })

  test('has tracking to report by himself when he asked for that, and nothing is reported for him', async () => {
    const trackingData = printTrackingAttribute
    const { rig, url } = await inBreak({ trackingData, claims: { reportingMode: 'CLIENT' } })
    await using _ = rig
    const attribute = /,X-TRACKING-DATA="([^"]*)"\n/
    const [, told = ''] = attribute.exec(await text(url)) ?? []
    const avail = JSON.parse(Buffer.from(told, 'base64').toString()) as TrackingAvailJson
    // Told when its first segment is there: the second ad is foreseen on segments of two seconds.
    expect(avail).toMatchObject({ availId: '4', durationInSeconds: 6, adMarkerDuration: 'PT10S' })
    expect(avail.ads.map((ad) => [ad.vastAdId, ad.adId, ad.startTimeInSeconds])).toEqual([
      ['long', '4', 4],
      ['short', '6', 8],
    ])
    const places = avail.ads.flatMap((ad) =>
      ad.trackingEvents.map((event) => `${event.eventType} ${event.eventId}`),
    )
    expect(places).toEqual([
      'impression 4',
      'start 4',
      'firstQuartile 4',
      'midpoint 4',
      'thirdQuartile 5',
      'complete 5',
      'impression 6',
      'start 6',
      'firstQuartile 6',
      'midpoint 6',
      'thirdQuartile 6',
      'complete 6',
    ])
    rig.stream.publish(SEGMENT_FRAMES * 2)
    expect(attribute.exec(await text(url))?.[1]).toBe(told)
    for (const name of ['4', '5', '6']) await fetch(segmentUrl(url, name))
    expect(rig.due).toEqual([])
  })

  test('has nothing named ahead that may be of another kind, and is answered when the next segment has begun', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    const named = async (): Promise<string[]> =>
      [...(await text(url)).matchAll(/#EXT-X-PREFETCH:.*\/(\d+)\.ts/g)].map(([, name]) => name ?? '')
    expect(await named()).toEqual(['1', '2'])
    rig.insert(10)
    rig.decider.give(POD)
    await settle()
    expect(await named()).toEqual(['1'])
    rig.stream.publish(SEGMENT_FRAMES * 2 + 1)
    const held = named()
    while (rig.stream.routes.heldConnections < 1) await settle()
    rig.stream.publish(12)
    // Named for the first time together with what tells of it.
    expect(await held).toEqual(['4'])
    expect(await text(url)).toMatch(/DATERANGE[^]*DISCONTINUITY[^]*PREFETCH/)
    rig.stream.publish(SEGMENT_FRAMES * 4)
    expect(await named()).toEqual(['8', '9'])
  })

  test('gets a part that is waited for as the ad that stands there by then', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    rig.insert(10)
    rig.decider.give(POD)
    await settle()
    rig.stream.publish(SEGMENT_FRAMES * 2 - 2)
    const growing = fetch(segmentUrl(url, '4'))
    const held = text(`${url}?_HLS_msn=4&_HLS_part=0`)
    while (rig.stream.routes.heldConnections < 2) await settle()
    rig.stream.publish(14)
    const playlist = await held
    expect(playlist).toContain('#EXT-X-DISCONTINUITY')
    rig.stream.publish(SEGMENT_FRAMES)
    const whole = Buffer.from(await (await growing).arrayBuffer())
    expect(whole).toEqual(Buffer.from(await (await fetch(segmentUrl(url, '4'))).arrayBuffer()))
    const content = Buffer.from(await (await fetch(rig.stream.mediaUrl('4'))).arrayBuffer())
    expect(whole).not.toEqual(content)
  })

  test('gets ads whose time runs on from that of the content', async () => {
    const { rig, url } = await inBreak()
    await using _ = rig
    rig.stream.publish(SEGMENT_FRAMES * 4)
    const dts: number[] = []
    for (const name of ['3', '4', '5', '6', '7']) {
      const demuxer = new TsDemuxer({
        onTrack: () => undefined,
        onUnit: (unit) => {
          if (unit.kind === 'video') dts.push(unit.dtsTicks)
        },
        onEnd: () => undefined,
      })
      demuxer.push(Buffer.from(await (await fetch(segmentUrl(url, name))).arrayBuffer()))
      demuxer.end()
    }
    const steps = new Set(dts.slice(1).map((ticks, index) => ticks - (dts[index] ?? 0)))
    // The last picture of a part but one comes a tick early, see `ad-cutter.ts`.
    expect([...steps].sort()).toEqual([2999, 3000, 3001])
  })

  test('has its ads reported in order, each event once, when their segments are fetched', async () => {
    const { rig, url } = await inBreak()
    await using _ = rig
    rig.stream.publish(SEGMENT_FRAMES * 4)
    await fetch(segmentUrl(url, '4'), { method: 'HEAD' })
    expect(rig.due).toEqual([])
    for (const name of ['3', '4.0', '4.1', '4', '5', '6', '7']) await fetch(segmentUrl(url, name))
    const events = rig.due.map(({ adIndex, event }) => `${adIndex} ${event}`)
    const quartiles = ['impression', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete']
    expect(events).toEqual([
      ...quartiles.map((event) => `0 ${event}`),
      ...quartiles.map((event) => `1 ${event}`),
    ])
  })
})

describe('decisions', () => {
  test('that are not there when the break begins leave the whole break to the content', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    await text(url)
    rig.insert(10)
    rig.stream.publish(SEGMENT_FRAMES * 2 + 20)
    rig.decider.give(POD)
    await settle()
    rig.stream.publish(SEGMENT_FRAMES)
    expect(await text(url)).not.toContain('DISCONTINUITY')
    expect(rig.library.held).toBe(0)
  })

  test('for a viewer who joins inside a break are asked for the rest, rounded up to a quarter', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2)
    rig.insert(20)
    rig.stream.publish(SEGMENT_FRAMES * 6)
    const url = await rig.join()
    // Eight seconds after the announcement and four of the lead: twelve are left, which reach into three quarters.
    expect(rig.decider.requests.map(({ durationMs }) => durationMs)).toEqual([15_000])
    await text(url)
    rig.decider.give(POD)
    await settle()
    rig.stream.publish(SEGMENT_FRAMES)
    expect(await text(url)).toContain(`STREAM-SOURCE="${LONG.assetId}"`)
  })

  test('for a viewer who joins between the announced moment and the first segment after it are waited for too', async () => {
    await using rig = await Rig.start()
    rig.stream.publish(SEGMENT_FRAMES * 2 + 15)
    rig.insert(20)
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    const [request] = rig.decider.requests
    expect(request?.durationMs).toBe(20_000)
    expect((request?.dueMonotonicMs ?? 0) - rig.stream.clock.monotonicMs()).toBeCloseTo(8000)
    rig.decider.give(POD)
    await settle()
    rig.stream.publish(SEGMENT_FRAMES)
    expect(await text(url)).toContain(`STREAM-SOURCE="${LONG.assetId}"`)
  })
})

describe('after the end of a stream', () => {
  const postRollOf = (): Promise<{ enabled: boolean; durationSeconds: number }> =>
    Promise.resolve({ enabled: true, durationSeconds: 6 })

  test('ads follow at once and whole, then the end', async () => {
    await using rig = await Rig.start({ postRollOf })
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    // They come unannounced: a segment that players were named before could not be told of as an ad.
    expect([...(await text(url)).matchAll(/#EXT-X-PREFETCH/g)]).toHaveLength(1)
    rig.stream.end()
    expect(await text(rig.stream.playlistUrl())).toContain('#EXT-X-ENDLIST')
    const held = text(`${url}?_HLS_msn=2&_HLS_part=0`)
    const reload = text(url)
    while (rig.stream.routes.heldConnections < 2) await settle()
    rig.decider.give(POD)
    expect(await reload).toContain('#EXT-X-ENDLIST')
    const playlist = (await held).replaceAll(SESSION_UUID, '…')
    const breakId = /AD-BREAK-ID="([A-Za-z0-9]{12})"/.exec(playlist)?.[1] ?? ''
    await expect(playlist.replaceAll(breakId, '…')).toMatchFileSnapshot('golden/ads-postroll.m3u8')
    HLS.parse(playlist)
    for (const name of ['2', '3', '4']) expect((await fetch(segmentUrl(url, name))).status).toBe(200)
    rig.stream.clock.advance(45_000)
    expect((await fetch(segmentUrl(url, '4'))).status).toBe(200)
    rig.stream.clock.advance(60_000)
    expect((await fetch(segmentUrl(url, '4'))).status).toBe(404)
    expect(rig.library.held).toBe(0)
  })

  test('a viewer without a decision sees the end within three seconds', async () => {
    await using rig = await Rig.start({ postRollOf })
    rig.stream.publish(SEGMENT_FRAMES * 2)
    const url = await rig.join()
    await text(url)
    rig.stream.end()
    await settle()
    rig.stream.clock.advance(3000)
    await settle()
    expect(await text(url)).toMatch(/live\n[^\n]+\n#EXT-X-ENDLIST\n$/)
  })
})

function segmentUrl(playlistUrl: string, name: string): string {
  return playlistUrl.replace('/playlist/', '/segment/').replace('/chunked.m3u8', `/chunked/${name}.ts`)
}

test('a text with places for what is a reader’s own is one gzip member that any reader takes', () => {
  const shared = new SharedText(`one ${'x'.repeat(5000)}\u0001 two é\u0001 three`, '\u0001')
  const { plain, gzip } = shared.with(['ü', 'y'.repeat(70_000)])
  expect(shared.places).toBe(2)
  expect(Buffer.from(plain, 'latin1').toString()).toBe(
    `one ${'x'.repeat(5000)}ü two é${'y'.repeat(70_000)} three`,
  )
  expect(gunzipSync(Buffer.from(gzip(), 'latin1')).toString('latin1')).toBe(plain)
})
