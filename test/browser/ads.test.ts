/**
 * Ads as viewers see them: hls.js and the IVS player in Chromium on real streams, each viewer with ads of his own.
 *
 * A viewer who opted out watches the same stream in the same browser: what the machine costs him, it costs the others too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AD_SECONDS,
  BREAK_SECONDS,
  LEAD_SECONDS,
  POD,
  startAdBroadcast,
  type AdBroadcast,
  type AdChannel,
  type Player,
} from '../harness/ad-broadcast.ts'
import { expectSmooth, kindsOf, summaryOf, watchAds, type Seen } from '../harness/ad-watch.ts'
import {
  adDateRanges,
  noteAdEvents,
  raisedAdEvents,
  type RaisedAdEvent,
  type ReadDateRange,
} from '../harness/browser-ads.ts'
import { notePictures, pictureRuns, shownPictures, type PictureRun } from '../harness/browser-pictures.ts'
import { heardTones } from '../harness/heard-tones.ts'
import { readSegments, type ServedSegment } from '../harness/ladder-reader.ts'
import { probePackets, type ProbedPacket } from '../harness/media/media-programs.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

const WHOLE_POD_EVENTS = POD.flatMap(({ id }) => WHOLE_AD_EVENTS.map((event) => `${id}:${event}`))
const RETURN_LIMIT_MS = 15_000
const REPORT_LIMIT_MS = 5000
const END_LIMIT_MS = 30_000
const OPT_OUT = { 'aws:ads-opt-out': true }

let broadcast: AdBroadcast
let basic: AdChannel
let ending: AdChannel
let ladder: AdChannel

beforeAll(async () => {
  broadcast = await startAdBroadcast()
  const { createChannel } = broadcast
  ;[basic, ending, ladder] = await Promise.all([
    createChannel({ name: 'basic', size: '320x180' }),
    createChannel({ name: 'ending', size: '320x180', postRollSeconds: AD_SECONDS }),
    createChannel({ name: 'ladder', size: '640x360', type: 'STANDARD' }),
  ])
  await broadcast.prepare([basic, ladder, ending])
})

afterAll(() => broadcast[Symbol.asyncDispose]())

describe('a break with a pod of two', () => {
  /** Viewers join with one second of the break over, four, seven and ten: the second one with a player. */
  const HALF_WAY = { viewer: 'late3', intoSeconds: 4, leftSeconds: '9' }
  const JOINS = [
    { viewer: 'late4', intoSeconds: 1, leftSeconds: '12', sees: ['live', 'one', 'two', 'live'] },
    { viewer: 'late2', intoSeconds: 7, leftSeconds: '6', sees: ['live', 'one', 'live'] },
    { viewer: 'late1', intoSeconds: 10, leftSeconds: '3', sees: ['live'] },
  ]
  const late = new Map<string, string>()
  let adBreakId = ''
  let hlsSaw: Seen | undefined
  let ivsSaw: Seen | undefined
  let plainSaw: Seen | undefined
  let events: readonly RaisedAdEvent[]
  let lateEvents: readonly RaisedAdEvent[]
  let lateRuns: readonly PictureRun[]
  let ranges: readonly ReadDateRange[]
  let opposedUrl = ''
  let own: readonly ServedSegment[]
  let shared: readonly ServedSegment[]

  beforeAll(async () => {
    const { openHls, openIvs, openSession, insertBreak } = broadcast
    await using hls = await openHls(basic, 'ann')
    await using ivs = await openIvs(basic, 'bob')
    await using plain = await openHls(basic, 'opposed', OPT_OUT)
    await using closing = new AsyncDisposableStack()
    let latePlayer: Player | undefined
    await noteAdEvents(ivs.page)
    opposedUrl = await openSession(basic, 'opposed', OPT_OUT)
    const ownUrl = await openSession(basic, 'cleo')
    ;[hlsSaw, ivsSaw, plainSaw] = await watchAds([hls, ivs, plain], RETURN_LIMIT_MS, async () => {
      adBreakId = await insertBreak(basic)
      const startMs = Date.now() + LEAD_SECONDS * 1000
      const until = (intoSeconds: number): Promise<void> => sleep(startMs + intoSeconds * 1000 - Date.now())
      const joining = JOINS.map(async ({ viewer, intoSeconds }) => {
        await until(intoSeconds)
        late.set(viewer, await openSession(basic, viewer))
      })
      await until(HALF_WAY.intoSeconds)
      latePlayer = closing.use(await openIvs(basic, HALF_WAY.viewer))
      await noteAdEvents(latePlayer.page)
      await notePictures(latePlayer.page)
      await Promise.all(joining)
      await until(BREAK_SECONDS)
    })
    logSeen({ hlsSaw, ivsSaw, plainSaw })
    events = await raisedAdEvents(ivs.page)
    if (!latePlayer) throw new Error('nobody joined')
    lateEvents = await raisedAdEvents(latePlayer.page)
    lateRuns = pictureRuns(await shownPictures(latePlayer.page))
    ranges = await adDateRanges(hls.page)
    ;[own, shared] = await Promise.all([readSegments({ url: ownUrl }), readSegments({ url: opposedUrl })])
  })

  test('is seen smoothly with hls.js: content, both ads, content, as late as before', () => {
    expectSmooth(hlsSaw, plainSaw)
  })

  test('is seen smoothly with the IVS player: content, both ads, content, as late as before', () => {
    expectSmooth(ivsSaw, plainSaw)
  })

  test('is not there for a viewer who opted out, and nobody is asked for him', () => {
    expect(kindsOf(plainSaw)).toEqual(['other'])
    expect(broadcast.askedFor('opposed')).toEqual([])
  })

  test('is asked for once for each viewer by what he brings, and reported once for each, in order', async () => {
    const viewers = ['ann', 'bob', 'cleo']
    for (const viewer of viewers) {
      expect(broadcast.askedFor(viewer).map(({ seconds }) => seconds)).toEqual([String(BREAK_SECONDS)])
      const reports = (): readonly string[] => broadcast.reportsOf(viewer)
      await expect.poll(reports, { timeout: REPORT_LIMIT_MS }).toEqual(WHOLE_POD_EVENTS)
    }
    expect(new Set(viewers.map((viewer) => broadcast.askedFor(viewer)[0]?.sessionId)).size).toBe(3)
  })

  test('raises the five events of the IVS player in order, with what they are of', () => {
    const metadata = { sessionId: broadcast.askedFor('bob')[0]?.sessionId }
    const adBreak = { adBreakId, rollType: 'midroll', duration: BREAK_SECONDS, podLength: 2, metadata }
    const [first, second] = POD.map(({ id }, index) => creativePayload(adBreakId, id, index + 1))
    expect(withoutUpdates(events)).toEqual([
      ['AD_BREAK_STARTED', adBreak],
      ['AD_CREATIVE_STARTED', first],
      ['AD_CREATIVE_ENDED', first],
      ['AD_CREATIVE_STARTED', second],
      ['AD_CREATIVE_ENDED', second],
      ['AD_BREAK_ENDED', adBreak],
    ])
    const updates = events.filter(({ name }) => name === 'AD_TIME_UPDATE').map(({ payload }) => payload)
    const elapsed = updates.map(({ breakElapsed }) => Number(breakElapsed))
    expect(elapsed.length).toBeGreaterThan(2 * BREAK_SECONDS)
    expect(elapsed).toEqual([...elapsed].sort((one, other) => one - other))
    expect(new Set(updates.map(({ podIndex }) => podIndex))).toEqual(new Set([1, 2]))
  })

  test('is told to hls.js in date ranges', () => {
    const told = ranges.map((range) => range['X-NET-LIVE-VIDEO-AD-BREAK-ID'] ?? range['X-VAST-AD-ID'])
    expect(told).toEqual([adBreakId, 'one', 'two'])
  })

  test('is asked for again for whoever joins, rounded up to a quarter, and filled with what fits', async () => {
    const assets = new Map(
      ranges.map((range) => [range['X-NET-LIVE-VIDEO-ASSET-ID'], range['X-VAST-AD-ID'] ?? '']),
    )
    for (const { viewer, leftSeconds, sees } of JOINS) {
      expect(broadcast.askedFor(viewer).map(({ seconds }) => seconds)).toEqual([leftSeconds])
      const playlist = await (await fetch(late.get(viewer) ?? '')).text()
      const titles = [...playlist.matchAll(/#EXTINF:[^,]*,(.*)/g)].map(([, title = '']) => title)
      const seen = titles.map((title) => assets.get(title) ?? title)
      expect(seen.filter((one, index) => one !== seen[index - 1])).toEqual(sees)
    }
  })

  test('is shown to a player that joins inside it by what is left of it', async () => {
    const [asked] = broadcast.askedFor(HALF_WAY.viewer)
    expect(asked?.seconds).toBe(HALF_WAY.leftSeconds)
    expect(lateRuns.map(({ kind }) => kind)).toEqual(['other', 'bars', 'other'])
    const metadata = { sessionId: asked?.sessionId }
    const adBreak = { adBreakId, rollType: 'midroll', duration: AD_SECONDS, podLength: 1, metadata }
    const creative = creativePayload(adBreakId, 'one', 1)
    expect(withoutUpdates(lateEvents)).toEqual([
      ['AD_BREAK_STARTED', adBreak],
      ['AD_CREATIVE_STARTED', creative],
      ['AD_CREATIVE_ENDED', creative],
      ['AD_BREAK_ENDED', adBreak],
    ])
    const whole = WHOLE_AD_EVENTS.map((event) => `one:${event}`)
    await expect.poll(() => shownReports(HALF_WAY.viewer), { timeout: REPORT_LIMIT_MS }).toEqual(whole)
  })

  test('replaces whole segments and nothing else, without a hole or a silence in picture or sound', async () => {
    const content = new Map(shared.map(({ msn, body }) => [msn, body]))
    const ads = own.filter(({ msn, body }) => content.get(msn)?.equals(body) === false)
    const firstMsn = ads[0]?.msn ?? 0
    expect(ads.map(({ msn }) => msn - firstMsn)).toEqual([0, 1, 2, 3, 4, 5])
    const around = own.filter(({ msn }) => msn >= firstMsn - 2 && msn < firstMsn + ads.length + 2)
    const packets = await probePackets(Buffer.concat(around.map(({ body }) => body)))
    expectSteady(packets, 'video', 3000)
    expectSteady(packets, 'audio', 1920)
    const tones = await heardTones(Buffer.concat(around.map(({ body }) => body)))
    expect(Math.min(...tones.map(({ level }) => level))).toBeGreaterThan(0.01)
    for (const [index, { toneHz }] of POD.entries()) {
      // A tenth of a second at either end belongs to both.
      const fromIndex = (4 + index * AD_SECONDS) * 10 + 1
      for (const { pitchHz } of tones.slice(fromIndex, fromIndex + AD_SECONDS * 10 - 2)) {
        expect(Math.abs(pitchHz - toneHz)).toBeLessThan(15)
      }
    }
  })
})

test('on a ladder ads are seen smoothly, also while the player changes the rung', async () => {
  const { openHls, openIvs, insertBreak } = broadcast
  await using hls = await openHls(ladder, 'dora')
  await using ivs = await openIvs(ladder, 'emil')
  await using plain = await openHls(ladder, 'opposed', OPT_OUT)
  const [hlsSaw, ivsSaw, plainSaw] = await watchAds([hls, ivs, plain], RETURN_LIMIT_MS, async () => {
    await insertBreak(ladder)
    // In the midst of the first ad.
    await sleep((LEAD_SECONDS + AD_SECONDS / 2) * 1000)
    await hls.page.evaluate('hls.loadLevel = hls.levels.findIndex(({ height }) => height < 300)')
    await sleep((BREAK_SECONDS - AD_SECONDS / 2) * 1000)
  })
  logSeen({ hlsSaw, ivsSaw, plainSaw })
  for (const saw of [hlsSaw, ivsSaw]) expectSmooth(saw, plainSaw)
  expect(hlsSaw?.heights).toEqual([360, 160])
  for (const viewer of ['dora', 'emil']) {
    const reports = (): readonly string[] => broadcast.reportsOf(viewer)
    await expect.poll(reports, { timeout: REPORT_LIMIT_MS }).toEqual(WHOLE_POD_EVENTS)
  }
})

test('after the end of a stream ads follow, and then players have reached the end', async () => {
  const { openHls, openIvs } = broadcast
  await using hls = await openHls(ending, 'fred')
  await using ivs = await openIvs(ending, 'gina')
  await noteAdEvents(ivs.page)
  for (const { page } of [hls, ivs]) await notePictures(page)
  await ending.publisher.stop()
  const ended = (player: Player): Promise<unknown> =>
    player.waitUntil(({ state }) => state.toLowerCase() === 'ended', END_LIMIT_MS)
  await Promise.all([hls, ivs].map(ended))
  for (const { page } of [hls, ivs]) {
    const runs = pictureRuns(await shownPictures(page))
    expect(runs.map(({ kind }) => kind)).toEqual(['other', 'bars'])
  }
  const raised = withoutUpdates(await raisedAdEvents(ivs.page))
  // The player tells of no end of what nothing comes after (reference ssai §1.8).
  expect(raised).toMatchObject([
    ['AD_BREAK_STARTED', { rollType: 'postroll', podLength: 1 }],
    ['AD_CREATIVE_STARTED', { podIndex: 1, metadata: { vastAdId: 'one' } }],
  ])
  for (const viewer of ['fred', 'gina']) {
    const events = WHOLE_AD_EVENTS.map((event) => `one:${event}`)
    await expect.poll(() => shownReports(viewer), { timeout: REPORT_LIMIT_MS }).toEqual(events)
  }
})

function logSeen(seen: Readonly<Record<string, Seen | undefined>>): void {
  for (const [who, saw] of Object.entries(seen)) if (saw) console.info(who, JSON.stringify(summaryOf(saw)))
}

/** What was reported of ads that were shown: of one that does not fit its ad server is told too. */
function shownReports(viewer: string): readonly string[] {
  return broadcast.reportsOf(viewer).filter((report) => report !== 'two:error')
}

function creativePayload(adBreakId: string, id: string, podIndex: number): unknown {
  return {
    adBreakId,
    assetId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    podIndex,
    duration: AD_SECONDS,
    metadata: { vastAdId: id, creativeId: `creative-${id}`, adSystem: 'Headwater Test', adTitle: `Ad ${id}` },
  }
}

function withoutUpdates(events: readonly RaisedAdEvent[]): readonly (readonly [string, unknown])[] {
  return events
    .filter(({ name }) => name !== 'AD_TIME_UPDATE')
    .map(({ name, payload }) => [name, payload] as const)
}

/** Nothing is missing and nothing is there twice: less than one unit from `usualTicks` apart. The clip that is published has a seam of its own. */
function expectSteady(
  packets: readonly ProbedPacket[],
  kind: ProbedPacket['kind'],
  usualTicks: number,
): void {
  const times = packets.filter((packet) => packet.kind === kind).map(({ dts }) => dts)
  const errors = times.slice(1).map((dts, index) => Math.abs(dts - (times[index] ?? 0) - usualTicks))
  expect(Math.max(...errors)).toBeLessThan(usualTicks)
}
