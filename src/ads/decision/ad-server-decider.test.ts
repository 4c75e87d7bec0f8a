import { afterEach, describe, expect, test } from 'vitest'
import {
  delayedAnswer,
  hangingAnswer,
  noAds,
  podAnswer,
  startTestAdServer,
  wrappedAnswer,
  type AdAnswering,
} from '../../../test/harness/ad-server.ts'
import { WHOLE_AD_EVENTS } from '../../../test/harness/vast-documents.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { ADS, closeAll, closeLater, decider, played, READY } from './decider-fixture.ts'
import { testRequest, testViewer } from './decision-fixture.ts'

afterEach(closeAll)

async function adServer(answering: AdAnswering) {
  const server = await startTestAdServer(answering)
  closeLater(() => server[Symbol.asyncDispose]())
  return server
}

describe('a decision', () => {
  test('plays the ads that the server names, told who watches', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide, events, metric } = decider({
      settings: [{ adDecisionServerUrl: server.template('&z=[player_params.zone]') }],
    })
    const viewer = testViewer({ claims: { playerParams: { zone: 'north' } } })
    expect(played(await decide({ viewer }))).toEqual(['a', 'b'])
    const [asked] = server.requests
    expect(Object.fromEntries(asked!.query)).toEqual({ sid: viewer.sessionUuid, dur: '30', z: 'north' })
    expect(asked!.headers).toMatchObject({
      'user-agent': 'Viewer/1.0 (test)',
      'x-forwarded-for': '203.0.113.9',
      'accept-language': 'de-CH',
    })
    expect(events()).toEqual(['MAKING_ADS_REQUEST', 'VAST_RESPONSE', 'FILLED_AVAIL'])
    expect(metric('AdDecisionServer.Ads')).toBe(2)
    expect(metric('AdDecisionServer.Duration')).toBe(25_000)
    expect(metric('Avail.Duration')).toBe(30_000)
    expect(metric('Avail.FilledDuration')).toBe(25_000)
    expect(metric('AdDecisionServer.Errors')).toBeUndefined()
  })

  test('has for each session what the server says to it, though answers are read once', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide } = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
    for (const sessionUuid of [
      '8c5f6a54-2f65-4a9c-9a3b-000000000001',
      '8c5f6a54-2f65-4a9c-9a3b-000000000002',
    ]) {
      const { items } = await decide({ viewer: testViewer({ sessionUuid }) })
      const urls = items.flatMap((item) =>
        item.kind === 'ad' ? item.ad.tracking.flatMap(({ urls }) => urls) : [],
      )
      expect(urls.length).toBeGreaterThan(6)
      expect(urls.filter((url) => !url.includes(`sid=${sessionUuid}`))).toEqual([])
    }
  })

  test('is sent with a body when the configuration wants that', async () => {
    const server = await adServer(podAnswer(ADS))
    const httpRequest = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"ua":"{{session.user_agent}}"}',
      compress: 'NONE',
    } as const
    const { decide } = decider({ settings: [{ adDecisionServerUrl: server.template(), httpRequest }] })
    expect(played(await decide())).toEqual(['a', 'b'])
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: '{"ua":"Viewer/1.0 (test)"}' })
  })

  test('asks the server of the configuration that the token names (ssai §1.5)', async () => {
    const one = await adServer(noAds)
    const two = await adServer(podAnswer(ADS))
    const { decide, made } = decider({
      settings: [
        { configurationName: 'one', adDecisionServerUrl: one.template() },
        { configurationName: 'two', adDecisionServerUrl: two.template() },
      ],
    })
    const watch = (playbackConfigName: string) =>
      decide({ viewer: testViewer({ claims: { playbackConfigName } }) })
    expect(played(await watch('two'))).toEqual(['a', 'b'])
    expect(played(await watch('three'))).toEqual([])
    expect(one.requests).toHaveLength(1)
    expect(made.counters.troubles.unknownConfigurations).toBe(1)
  })

  test('follows seven wrappers and not an eighth (ssai §3.2)', async () => {
    const server = await adServer(wrappedAnswer(7, podAnswer([ADS[0]!])))
    const { decide, beacons, events } = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
    expect(played(await decide())).toEqual(['a'])
    expect(server.requests).toHaveLength(8)
    server.answerWith(wrappedAnswer(8, podAnswer([ADS[0]!])))
    expect(played(await decide())).toEqual([])
    expect(server.requests).toHaveLength(16)
    expect(events()).toContain('ERROR_VAST_REDIRECT_FAILED')
    expect(beacons[0]?.event).toBe('error')
    expect(beacons[0]?.urls.length).toBeGreaterThan(0)
  })

  test.each([
    [1, 1],
    [undefined, 3],
  ])(
    'asks wrappers %s at once (ssai §2.1, AdsPersonalizationConcurrency)',
    async (maxConcurrentRequests, most) => {
      let [open, mostOpen] = [0, 0]
      const server = await adServer(async (request) => {
        const host = request.headers.host ?? ''
        const wrapper = (hop: number): string =>
          `<Ad id="w${hop}"><Wrapper><AdSystem/><VASTAdTagURI>http://${host}/ads?hop=${hop}</VASTAdTagURI></Wrapper></Ad>`
        if (!request.query.has('hop'))
          return { body: `<VAST version="4.0">${[1, 2, 3].map(wrapper).join('')}</VAST>` }
        open++
        mostOpen = Math.max(mostOpen, open)
        const answer = await delayedAnswer(50, podAnswer(ADS))(request)
        open--
        return answer
      })
      const { decide } = decider({
        settings: [{ adDecisionServerUrl: `${server.baseUrl}/ads`, maxConcurrentRequests }],
        states: READY,
      })
      await decide()
      expect(server.requests).toHaveLength(4)
      expect(mostOpen).toBe(most)
    },
  )

  test('tells the ad server which ads are not ready, with code 407 (ssai §4.4)', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide, beacons, metric, entries } = decider({
      settings: [{ adDecisionServerUrl: server.template() }],
      states: { b: 15_000 },
    })
    const decision = await decide()
    expect(played(decision)).toEqual(['b'])
    expect(decision.skipped.map(({ reason }) => reason)).toEqual(['NEW_CREATIVE'])
    expect(beacons).toHaveLength(1)
    expect(beacons[0]!.urls.every((url) => url.includes('407'))).toBe(true)
    expect(metric('SkippedReason.NewCreative')).toBe(1)
    expect(metric('AdNotReady')).toBe(1)
    expect(entries.at(-1)?.fields).toMatchObject({
      numAds: 1,
      creativeAds: [
        {
          creativeUniqueId: 'creative-b',
          vastDuration: 15_000,
          transcodedAdDuration: 15_000,
          trackingEvents: WHOLE_AD_EVENTS,
        },
      ],
      skippedAds: [{ creativeUniqueId: 'creative-a', skippedReason: 'NEW_CREATIVE' }],
    })
  })

  test('says nothing to ad servers when the player reports by itself', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide, beacons } = decider({
      settings: [{ adDecisionServerUrl: server.template() }],
      states: {},
    })
    await decide({ viewer: testViewer({ claims: { reportingMode: 'CLIENT' } }) })
    expect(beacons).toEqual([])
  })

  test('is content while breaks are suppressed', async () => {
    const server = await adServer(podAnswer(ADS))
    const suppression = { mode: 'AFTER_LIVE_EDGE', valueSeconds: 100, fillPolicy: 'FULL_AVAIL_ONLY' } as const
    const { decide } = decider({ settings: [{ adDecisionServerUrl: server.template(), suppression }] })
    expect(played(await decide())).toEqual([])
    expect(server.requests).toEqual([])
    const joinedAtMs = testRequest().contentTimeMs - 100_000
    expect(played(await decide({ viewer: testViewer({ joinedAtMs }) }))).toEqual(['a', 'b'])
  })

  test('is for the part of a break that suppression leaves, and asked for that much (ssai §3.4)', async () => {
    const server = await adServer(podAnswer(ADS))
    const suppression = { mode: 'AFTER_LIVE_EDGE', valueSeconds: 20, fillPolicy: 'PARTIAL_AVAIL' } as const
    const { decide, metric } = decider({
      settings: [{ adDecisionServerUrl: server.template(), suppression }],
    })
    const { targetStartMs } = testRequest().adBreak
    const decision = await decide({ viewer: testViewer({ joinedAtMs: targetStartMs - 6000 }) })
    expect(decision.part).toEqual({ beginsAtMs: targetStartMs + 14_000, durationMs: 22_500 })
    expect(played(decision)).toEqual(['a'])
    expect(server.requests.map(({ query }) => query.get('dur'))).toEqual(['23'])
    expect(metric('Avail.Duration')).toBe(22_500)
  })
})

describe('time', () => {
  test('asks the configuration that the viewer came by in place of those of his channel', async () => {
    const server = await adServer(podAnswer(ADS))
    const adDecisionServerUrl = server.template()
    const settings = ['first', 'second'].map((configurationName) => ({
      configurationName,
      adDecisionServerUrl,
    }))
    const { decide } = decider({ settings })
    const direct = { configurationName: 'second', interstitialsPath: undefined }
    const decision = await decide({ viewer: testViewer({ claims: { direct, playbackConfigName: 'first' } }) })
    expect(decision.configurationName).toBe('second')
  })

  test('ends a decision with content when it is due', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<undefined>()
    const of = (): Promise<never> => {
      asked.resolve(undefined)
      return new Promise(() => undefined)
    }
    const { decide, made } = decider({ settings: [{}], options: { clock, sources: { of, named: of } } })
    const decision = decide({ dueMonotonicMs: 500 })
    await asked.promise
    clock.advance(500)
    expect(await decision).toEqual({ items: [], skipped: [] })
    expect(made.counters.outcomes).toEqual({ made: 0, late: 1, refused: 0, failed: 0, unwanted: 0 })
  })

  test('is used to spread requests, but for viewers who join late (ssai §7.4)', async () => {
    const clock = new ManualClock()
    const server = await adServer(podAnswer(ADS))
    const { decide, made } = decider({
      settings: [{ adDecisionServerUrl: server.template(), requestTimeoutMs: 3000 }],
      options: { clock, random: () => 0.999 },
    })
    const spread = decide()
    const late = decide({
      adBreak: { ...testRequest().adBreak, targetStartMs: clock.nowMs() - 10_000 },
    })
    expect(played(await late)).toEqual(['a', 'b'])
    expect(made.load).toEqual({ waiting: 1, inside: 0 })
    expect(server.requests).toHaveLength(1)
    // Neighbours begin together.
    clock.advance(4995 + 4)
    expect(played(await spread)).toEqual(['a', 'b'])
    expect(made.counters.outcomes).toEqual({ made: 2, late: 0, refused: 0, failed: 0, unwanted: 0 })
  })

  test('of viewers whose ad server answers is not taken by one that hangs', async () => {
    const hanging = await adServer(hangingAnswer())
    const server = await adServer(podAnswer(ADS))
    const { decide, made } = decider({
      settings: [
        { configurationName: 'hangs', adDecisionServerUrl: hanging.template(), requestTimeoutMs: 6000 },
        { configurationName: 'answers', adDecisionServerUrl: server.template() },
      ],
      options: { limits: { maxInside: 8, maxWaiting: 1000 }, random: () => 0 },
    })
    let hungOut = 0
    for (let i = 0; i < 100; i++) {
      const viewer = testViewer({ claims: { playbackConfigName: 'hangs' } })
      void decide({ viewer }).then(() => hungOut++)
    }
    const viewer = testViewer({ claims: { playbackConfigName: 'answers' } })
    const answered = await Promise.all(Array.from({ length: 50 }, () => decide({ viewer })))
    expect(answered.map((decision) => played(decision).length)).toEqual(answered.map(() => 2))
    expect(hungOut).toBe(0)
    expect(made.load.waiting).toBe(92)
  })

  test('is shared by as many decisions at once as may be', async () => {
    let atOnce = 0
    let most = 0
    const server = await adServer(async (request) => {
      most = Math.max(most, ++atOnce)
      const answer = await delayedAnswer(5, podAnswer(ADS))(request)
      atOnce--
      return answer
    })
    const { decide } = decider({
      settings: [{ adDecisionServerUrl: server.template() }],
      options: { limits: { maxInside: 3, maxWaiting: 100 }, random: () => 0 },
    })
    const decisions = await Promise.all(Array.from({ length: 12 }, () => decide()))
    expect(decisions.every(({ items }) => items.length === 2)).toBe(true)
    expect(most).toBe(3)
  })
})
