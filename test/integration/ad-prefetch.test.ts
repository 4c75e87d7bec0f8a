/**
 * Prefetch schedules over real sockets: ad servers are asked ahead of breaks, so that creatives are ready and a break needs
 * nobody's answer (ssai §2.4).
 */
import { InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import {
  CreatePrefetchScheduleCommand,
  type CreatePrefetchScheduleCommandInput,
  type MediaTailorClient,
} from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { podAnswer, startTestAdServer, type TestAdServer } from '../harness/ad-server.ts'
import { mediaTailorClient, setUpAds } from '../harness/ad-set-up.ts'
import { AdViewerOnTheNet } from '../harness/ad-viewer.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { textOf } from '../harness/mediatailor-player.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

const CONFIGURATION = 'prefetched-ads'
const AD_SECONDS = 4
const LEAD_SECONDS = 2
const LIMIT = { timeout: 30_000, interval: 200 }
const WHOLE_AD = WHOLE_AD_EVENTS.map((event) => `one:${event}`)

const cleanup = new AsyncDisposableStack()
const viewers: AdViewerOnTheNet[] = []
let adServer: TestAdServer
let server: TestServer
let channel: TestChannel
let mediaTailor: MediaTailorClient

beforeAll(async () => {
  adServer = cleanup.use(await startTestAdServer())
  const mediaUrl = adServer.serveFile(await testCreative({ seconds: AD_SECONDS }))
  adServer.answerWith(podAnswer([{ id: 'one', durationMs: AD_SECONDS * 1000, mediaUrl }]))
  const flags = { adLeadSeconds: String(LEAD_SECONDS), adTargetAllow: adServer.hostPort }
  server = cleanup.use(await startTestServer({ flags }))
  channel = await server.createChannel({})
  const adDecisionServerUrl = adServer.template('&event=[scte.event_id]')
  await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl, name: CONFIGURATION })
  mediaTailor = cleanup.adopt(mediaTailorClient(server.url('api')), (client) => client.destroy())
  cleanup.use(await publishWithFfmpeg({ url: channel.rtmpUrl, size: '320x180', keyframeSeconds: 1 }))
  await server.untilLive(channel)
  for (let count = 0; count < 2; count++) {
    viewers.push(cleanup.use(await AdViewerOnTheNet.open(channel.playbackUrl)))
  }
})

afterAll(() => cleanup.disposeAsync())

async function createSchedule(input: Partial<CreatePrefetchScheduleCommandInput>): Promise<void> {
  const place = { PlaybackConfigurationName: CONFIGURATION, StreamId: channel.arn }
  await mediaTailor.send(new CreatePrefetchScheduleCommand({ ...place, Name: 'one', ...input }))
}

/** A break that the ad fills, until who watches has seen the end of it: how many segments of ads each saw. */
async function playBreak(): Promise<readonly number[]> {
  const before = viewers.map((viewer) => viewer.adsFrom(0).length)
  const command = new InsertAdBreakCommand({ channelArn: channel.arn, durationSeconds: AD_SECONDS })
  await server.client.send(command)
  const overAtMs = Date.now() + (LEAD_SECONDS + AD_SECONDS) * 1000
  await vi.waitFor(() => {
    for (const { segments } of viewers) {
      const last = segments.at(-1)
      expect(last?.title).toBe('live')
      expect(last?.programDateTimeMs).toBeGreaterThan(overAtMs)
    }
  }, LIMIT)
  return viewers.map((viewer, index) => viewer.adsFrom(0).length - (before[index] ?? 0))
}

async function metric(name: string): Promise<number> {
  const text = await textOf(new URL('/metrics', server.url('api')).href)
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1))
}

async function untilKept(count: number): Promise<void> {
  await vi.waitFor(async () => {
    expect(await metric('headwater_ad_prefetches_total{outcome="kept"}')).toBe(count)
  }, LIMIT)
}

function inSeconds(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000)
}

test('the first break of all has the ads that each session asked for ahead of it, and asks nobody (ssai §2.4)', async () => {
  await createSchedule({
    Name: 'again',
    ScheduleType: 'RECURRING',
    RecurringPrefetchConfiguration: {
      EndTime: inSeconds(600),
      RecurringRetrieval: {
        DynamicVariables: { 'scte.event_id': 'recurring' },
        DelayAfterAvailEndSeconds: 1,
        TrafficShapingType: 'RETRIEVAL_WINDOW',
        TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 1 },
      },
      RecurringConsumption: { RetrievedAdExpirationSeconds: 120 },
    },
  })
  await createSchedule({
    Retrieval: {
      EndTime: inSeconds(600),
      DynamicVariables: { 'scte.event_id': 'final', 'session.avail_duration_secs': String(AD_SECONDS) },
      TrafficShapingType: 'RETRIEVAL_WINDOW',
      TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 1 },
    },
    Consumption: {
      EndTime: inSeconds(600),
      AvailMatchingCriteria: [{ DynamicVariable: 'session.avail_duration_secs', Operator: 'EQUALS' }],
    },
  })
  await untilKept(viewers.length)
  const asked = adServer.requests.map(({ query }) => [query.get('dur'), query.get('event')])
  expect(asked).toEqual(viewers.map(() => [String(AD_SECONDS), 'final']))
  await vi.waitFor(async () => expect(await metric('headwater_creatives_ready')).toBe(1), LIMIT)
  expect(adServer.hits).toEqual([])

  const shown = await playBreak()
  expect(shown.every((segments) => segments > 0)).toBe(true)
  const sessionIds = new Set(adServer.requests.map(({ sessionId }) => sessionId))
  expect(adServer.requests.filter(({ query }) => query.get('event') !== 'recurring')).toHaveLength(
    viewers.length,
  )
  for (const sessionId of sessionIds) {
    await vi.waitFor(() => expect(adServer.eventsOf(sessionId)).toEqual(WHOLE_AD), LIMIT)
  }
  expect(sessionIds.size).toBe(viewers.length)
  expect(await metric('headwater_ad_prefetches_used_total')).toBe(viewers.length)
  expect(await metric('headwater_ad_decisions_total{outcome="made"}')).toBe(viewers.length)
})

test('a recurring schedule asks after a break for the next one, and not before it (ssai §2.4)', async () => {
  await untilKept(2 * viewers.length)
  expect(adServer.requests).toHaveLength(2 * viewers.length)
  const ahead = adServer.requests.slice(-viewers.length)
  expect(ahead.map(({ query }) => query.get('event'))).toEqual(viewers.map(() => 'recurring'))
  const shown = await playBreak()
  expect(shown.every((segments) => segments > 0)).toBe(true)
  expect(await metric('headwater_ad_prefetches_used_total')).toBe(2 * viewers.length)
  expect(adServer.requests.filter(({ query }) => query.get('event') === '')).toEqual([])
  for (const { sessionId } of ahead) {
    await vi.waitFor(() => expect(adServer.eventsOf(sessionId)).toEqual([...WHOLE_AD, ...WHOLE_AD]), LIMIT)
  }
  expect(viewers.flatMap(({ faults }) => faults)).toEqual([])
})
