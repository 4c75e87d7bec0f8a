/**
 * Ads that are asked for ahead of a break, up to the decision that takes them.
 */
import { afterEach, expect, test } from 'vitest'
import {
  hangingAnswer,
  noAds,
  podAnswer,
  startTestAdServer,
  wrappedAnswer,
  type AdAnswering,
} from '../../../test/harness/ad-server.ts'
import { systemClock } from '../../base/clock.ts'
import type { PrefetchPlan } from '../../domain/prefetch-plan.ts'
import type { PrefetchedAds } from '../ad-decider.ts'
import { ADS, closeAll, closeLater, decider, played, READY, type TestDecider } from './decider-fixture.ts'
import { TEST_PROFILE, testRequest, testSettings, testViewer } from './decision-fixture.ts'

const { adBreak } = testRequest()
const PLAN: PrefetchPlan = {
  id: 'schedule',
  accountId: testViewer().accountId,
  configurationName: 'first',
  streamId: '',
  retrieval: { startMs: 0, endMs: Infinity },
  consumption: { startMs: 0, endMs: Infinity },
  recurrence: undefined,
  variables: {},
  shaping: { kind: 'window', durationMs: 0 },
  matching: [],
}

afterEach(closeAll)

async function adServer(answering: AdAnswering) {
  const server = await startTestAdServer(answering)
  closeLater(() => server[Symbol.asyncDispose]())
  return server
}

function prefetch(
  { made }: TestDecider,
  plan: Partial<PrefetchPlan> = {},
  leftMs = 5000,
): Promise<PrefetchedAds | undefined> {
  return made.prefetch({
    viewer: testViewer(),
    plan: { ...PLAN, ...plan },
    profile: TEST_PROFILE,
    segmentMs: 2000,
    breakIndex: 0,
    spreadMs: 0,
    dueMonotonicMs: systemClock.monotonicMs() + leftMs,
  })
}

async function keptAds(of: TestDecider, plan?: Partial<PrefetchPlan>): Promise<PrefetchedAds> {
  const kept = await prefetch(of, plan)
  if (!kept) throw new Error('nothing was kept')
  return kept
}

test('a break is filled with what was asked for ahead of it, once, and the ad server not asked again (ssai §2.4)', async () => {
  const server = await adServer(podAnswer(ADS))
  const of = decider({
    settings: [{ adDecisionServerUrl: server.template('&at=[avail.source_content_time_epoch_ms]') }],
  })
  const prefetched = [await keptAds(of)]
  expect(of.library.asked.map(({ url }) => url.split('/').at(-1))).toEqual(['a', 'b'])
  const decision = await of.decide({ prefetched })
  expect(played(decision)).toEqual(['a', 'b'])
  expect(decision.configurationName).toBe('first')
  const tracking = decision.items.flatMap((item) => (item.kind === 'ad' ? item.ad.tracking : []))
  const urls = tracking.flatMap((event) => event.urls)
  expect(urls.length).toBeGreaterThan(6)
  expect(urls.filter((url) => !url.includes(`sid=${testViewer().sessionUuid}`))).toEqual([])
  expect(server.requests.map(({ query }) => [query.get('dur'), query.get('at')])).toEqual([['300', '']])
  expect(of.metric('AdDecisionServer.Ads')).toBe(2)
  expect(of.metric('AdDecisionServer.FillRate')).toBeCloseTo(25 / 30)
  expect(of.metric('Avail.Duration')).toBe(30_000)
  expect(of.made.counters.prefetches).toMatchObject({ outcomes: { kept: 1 }, used: 1 })
  expect(of.made.counters.outcomes.made).toBe(1)

  expect(played(await of.decide({ prefetched }))).toEqual(['a', 'b'])
  expect(server.requests).toHaveLength(2)
})

test('ads that are not ready when their break comes are told of then, and not before', async () => {
  const server = await adServer(podAnswer(ADS))
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }], states: { b: 15_000 } })
  const prefetched = [await keptAds(of)]
  expect([of.beacons, of.metric('AdNotReady')]).toEqual([[], undefined])
  expect(played(await of.decide({ prefetched }))).toEqual(['b'])
  expect(of.beacons.map(({ breakId, event }) => [breakId, event])).toEqual([[adBreak.id, 'error']])
  expect(of.metric('AdNotReady')).toBe(1)
  expect(server.requests).toHaveLength(1)
})

test('the values of the schedule stand in the request, in place of others (ssai §2.4)', async () => {
  const server = await adServer(podAnswer(ADS))
  const more = '&zone=[player_params.zone]&event=[scte.event_id]&ms=[session.avail_duration_ms]'
  const of = decider({ settings: [{ adDecisionServerUrl: server.template(more) }] })
  const variables = {
    'scte.event_id': '7 & 8',
    'player_params.zone': 'east',
    'session.avail_duration_secs': '20',
  }
  await keptAds(of, { variables })
  expect(Object.fromEntries(server.requests[0]!.query)).toEqual({
    sid: testViewer().sessionUuid,
    dur: '20',
    zone: 'east',
    event: '7 & 8',
    ms: '20000',
  })
})

const { targetStartMs } = adBreak
const AHEAD_MS = targetStartMs - systemClock.nowMs()
test.each([
  {
    what: 'begins with the window',
    plan: { consumption: { startMs: targetStartMs, endMs: Infinity } },
    isFor: true,
  },
  {
    what: 'begins before it',
    plan: { consumption: { startMs: targetStartMs + 1, endMs: Infinity } },
    isFor: false,
  },
  { what: 'begins with its end', plan: { consumption: { startMs: 0, endMs: targetStartMs } }, isFor: true },
  { what: 'begins after it', plan: { consumption: { startMs: 0, endMs: targetStartMs - 1 } }, isFor: false },
  {
    what: 'comes after the ads have expired',
    plan: { recurrence: { delayMs: 0, keptMs: AHEAD_MS - 60_000 } },
    isFor: false,
  },
  {
    what: 'comes before they have',
    plan: { recurrence: { delayMs: 0, keptMs: AHEAD_MS + 60_000 } },
    isFor: true,
  },
  {
    what: 'is as long as the schedule says',
    plan: { matching: ['session.avail_duration_secs'], variables: { 'session.avail_duration_secs': '30' } },
    isFor: true,
  },
  {
    what: 'is longer than it says',
    plan: { matching: ['session.avail_duration_secs'], variables: { 'session.avail_duration_secs': '29' } },
    isFor: false,
  },
  {
    what: 'has one of two values',
    plan: {
      matching: ['session.avail_duration_secs', 'scte.event_id'],
      variables: { 'session.avail_duration_secs': '30', 'scte.event_id': '7' },
    },
    isFor: false,
  },
  { what: 'has the viewer of the request', plan: { matching: ['session.client_ip'] }, isFor: true },
])('a break that $what has them: $isFor (ssai §2.4)', async ({ plan, isFor }) => {
  const server = await adServer(podAnswer(ADS))
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
  const decision = await of.decide({ prefetched: [await keptAds(of, plan)] })
  expect(played(decision)).toEqual(['a', 'b'])
  expect(server.requests).toHaveLength(isFor ? 1 : 2)
  expect(of.made.counters.prefetches.used).toBe(isFor ? 1 : 0)
})

test('a break that stays content leaves them to the next one, and so does another configuration’s', async () => {
  const server = await adServer(podAnswer(ADS))
  const suppression = { mode: 'AFTER_LIVE_EDGE', valueSeconds: 100, fillPolicy: 'FULL_AVAIL_ONLY' } as const
  const adDecisionServerUrl = server.template()
  const of = decider({
    settings: [
      { adDecisionServerUrl, suppression },
      { configurationName: 'second', adDecisionServerUrl },
    ],
  })
  const prefetched = [await keptAds(of)]
  expect(played(await of.decide({ prefetched }))).toEqual([])
  const claims = { playbackConfigName: 'second' }
  expect(played(await of.decide({ prefetched, viewer: testViewer({ claims }) }))).toEqual(['a', 'b'])
  expect(server.requests).toHaveLength(2)
  const joinedAtMs = testRequest().contentTimeMs - 100_000
  expect(played(await of.decide({ prefetched, viewer: testViewer({ joinedAtMs }) }))).toEqual(['a', 'b'])
  expect(server.requests).toHaveLength(2)
})

test.each([
  { what: 'without ads', answering: () => noAds(), outcome: 'empty' },
  {
    what: 'that comes too late for the timeout of prefetching',
    answering: hangingAnswer(),
    outcome: 'failed',
  },
])('nothing is kept of an answer $what', async ({ answering, outcome }) => {
  const server = await adServer(answering)
  const adDecisionServerUrl = server.template()
  const prefetchSettings = testSettings({ adDecisionServerUrl, requestTimeoutMs: 50 })
  const forBreaks = { adDecisionServerUrl, requestTimeoutMs: 60_000, totalTimeoutMs: 60_000 }
  const of = decider({ settings: [{ ...forBreaks, prefetch: prefetchSettings }] })
  expect(await prefetch(of, {}, 60_000)).toBeUndefined()
  expect(of.made.counters.prefetches.outcomes).toMatchObject({ kept: 0, [outcome]: 1 })
})

test.each([
  {
    what: 'finds no place to wait',
    limits: { maxInside: 1, maxWaiting: 0 },
    leftMs: 5000,
    outcome: 'refused',
  },
  { what: 'has no time left', limits: { maxInside: 1, maxWaiting: 10 }, leftMs: 100, outcome: 'late' },
])('who $what among the decisions is not asked for', async ({ limits, leftMs, outcome }) => {
  const server = await adServer(podAnswer(ADS))
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }], options: { limits } })
  expect(await prefetch(of, {}, leftMs)).toBeUndefined()
  expect(server.requests).toEqual([])
  expect(of.made.counters.prefetches.outcomes).toMatchObject({ kept: 0, [outcome]: 1 })
})

test('wrappers that lead too far are told of when they are asked, though no break ever comes (ssai §4.4)', async () => {
  const server = await adServer(wrappedAnswer(8, podAnswer(ADS)))
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }], states: READY })
  expect(await prefetch(of)).toBeUndefined()
  expect(of.beacons.map(({ event }) => event)).toEqual(['error'])
  expect(of.beacons[0]?.urls.length).toBeGreaterThan(0)
})

test('what went wrong beside the ads is told of when they are asked for, and not again with the break', async () => {
  const pod = podAnswer(ADS)
  const server = await adServer(async (request) => {
    const { body = '' } = await pod(request)
    const errorUrl = request.trackingUrl('w', 'error').replaceAll('&', '&amp;')
    const wrapper = `<Ad id="w"><Wrapper><AdSystem/><Error>${errorUrl}</Error><VASTAdTagURI>http://${request.headers.host ?? ''}/none</VASTAdTagURI></Wrapper></Ad>`
    if (request.path === '/none') return noAds()
    return { body: body.replace('</VAST>', `${wrapper}</VAST>`) }
  })
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
  const prefetched = [await keptAds(of)]
  const told = (): readonly string[] => of.beacons.flatMap(({ urls }) => urls)
  expect(told().map((url) => new URL(url).searchParams.get('ad'))).toEqual(['w'])
  expect(played(await of.decide({ prefetched }))).toEqual(['a', 'b'])
  expect(told()).toHaveLength(1)
})

test('ads before the stream have their own ad server, whatever is kept (ssai §3.4)', async () => {
  const server = await adServer(podAnswer(ADS))
  const preRoll = testSettings({ adDecisionServerUrl: server.template('&pre=1') })
  const of = decider({ settings: [{ adDecisionServerUrl: server.template(), preRoll }] })
  const prefetched = [await keptAds(of)]
  await of.decide({ prefetched, adBreak: { ...adBreak, rollType: 'PREROLL' } })
  expect(server.requests.map(({ query }) => query.get('pre'))).toEqual([null, '1'])
})

test('a session whose configuration is another by now is not asked for', async () => {
  const server = await adServer(podAnswer(ADS))
  const of = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
  expect(await prefetch(of, { configurationName: 'gone' })).toBeUndefined()
  expect(server.requests).toEqual([])
  expect(of.made.counters.prefetches.outcomes.unwanted).toBe(1)
})
