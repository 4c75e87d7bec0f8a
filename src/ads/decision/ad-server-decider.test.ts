import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  delayedAnswer,
  hangingAnswer,
  malformedAnswer,
  noAds,
  podAnswer,
  startTestAdServer,
  wrappedAnswer,
  type AdAnswering,
} from '../../../test/harness/ad-server.ts'
import { vastOf, WHOLE_AD_EVENTS } from '../../../test/harness/vast-documents.ts'
import { silentLogger } from '../../base/logger.ts'
import { systemClock } from '../../base/clock.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdDecision } from '../ad-decision.ts'
import type { DueBeacon } from '../beacon.ts'
import { OutboundClient } from '../outbound/outbound-client.ts'
import { parseTargetAllowList } from '../outbound/target-allow-list.ts'
import { AdServerDecider, type DeciderOptions } from './ad-server-decider.ts'
import { TestLibrary, testRequest, testSettings, testViewer } from './decision-fixture.ts'
import type { AdLogEntry } from './decision-log.ts'

const CREATIVE = 'https://cdn.example.com/'
const ADS = [
  { id: 'a', durationMs: 10_000, mediaUrl: `${CREATIVE}a` },
  { id: 'b', durationMs: 15_000, mediaUrl: `${CREATIVE}b` },
]
const READY = { a: 10_000, b: 15_000, slate: 30_000 }
const closers: (() => PromiseLike<unknown> | undefined)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function adServer(answering: AdAnswering) {
  const server = await startTestAdServer(answering)
  closers.push(() => server[Symbol.asyncDispose]())
  return server
}

/** A server that a test answers with byte by byte; its address. */
async function rawServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    return closed
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Setup = {
  readonly settings: readonly Partial<AdSettings>[]
  readonly states?: ConstructorParameters<typeof TestLibrary>[0]
  readonly allow?: string
  readonly options?: Partial<DeciderOptions>
}

function decider({ settings, states = READY, allow = '127.0.0.0/8', options = {} }: Setup) {
  const clock = options.clock ?? systemClock
  const outbound = new OutboundClient({ allowList: parseTargetAllowList(allow)!, clock })
  const entries: AdLogEntry[] = []
  const beacons: DueBeacon[] = []
  const library = new TestLibrary(states)
  const configurations = settings.map((changes) => testSettings({ requestTimeoutMs: 2000, ...changes }))
  const made = new AdServerDecider({
    clock,
    logger: silentLogger,
    sources: {
      of: () => Promise.resolve({ configurations, postRoll: { enabled: false, durationSeconds: 15 } }),
      named: (_accountId, name) =>
        Promise.resolve(configurations.find(({ configurationName }) => configurationName === name)),
    },
    outbound,
    library,
    beacons: { due: (_viewer, due) => beacons.push(...due) },
    log: (entry) => entries.push(entry),
    ...options,
  })
  closers.push(
    () => made[Symbol.asyncDispose](),
    () => {
      outbound.close()
      return undefined
    },
  )
  return {
    made,
    library,
    beacons,
    entries,
    events: () => entries.map(({ eventType }) => eventType),
    decide: (changes: Partial<DecisionRequest> = {}) =>
      made.decide(testRequest({ dueMonotonicMs: clock.monotonicMs() + 8000, ...changes })),
    metric: (name: string, configurationName = 'first') =>
      made.counters.sums.find((sum) => sum.name === name && sum.configurationName === configurationName)?.sum,
  }
}

const played = ({ items }: AdDecision) =>
  items.map((item) => (item.kind === 'ad' ? item.ad.adId : item.creative.key))

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
})

/** Each entity is ten of the one before. */
const LAUGHS = Array.from({ length: 10 }, (_, n) => {
  return n === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`
}).join('')

describe('an ad server', () => {
  const failing: readonly (readonly [string, AdAnswering, string])[] = [
    ['fails', () => ({ status: 500, body: 'broken' }), 'ERROR_ADS_INVALID_RESPONSE'],
    ['answers nothing', () => ({ status: 204 }), 'EMPTY_VAST_RESPONSE'],
    ['has no ads', noAds, 'EMPTY_VAST_RESPONSE'],
    ['breaks off', malformedAnswer, 'ERROR_ADS_RESPONSE_PARSE'],
    [
      'laughs a billion times',
      () => ({ body: `<!DOCTYPE VAST [${LAUGHS}]><VAST version="3.0"><Error>&l9;</Error></VAST>` }),
      'ERROR_ADS_RESPONSE_PARSE',
    ],
    [
      'speaks another language',
      () => ({ body: '<html><body>hello</body></html>' }),
      'ERROR_ADS_RESPONSE_UNKNOWN_ROOT_ELEMENT',
    ],
    ['redirects for ever', () => ({ status: 302, headers: { location: '/ads' } }), 'ERROR_ADS_IO'],
    ['sends 10 MB', () => ({ body: 'x'.repeat(10_000_000) }), 'ERROR_ADS_INVALID_RESPONSE'],
    [
      'redirects to a private address',
      () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } }),
      'ERROR_DISALLOWED_HOST',
    ],
  ]

  test.each(failing)(
    'that %s leaves content, or slate when there is one',
    async (_name, answering, event) => {
      const server = await adServer(answering)
      const adDecisionServerUrl = server.template()
      const { decide, events } = decider({
        settings: [
          { adDecisionServerUrl },
          { configurationName: 'slate', adDecisionServerUrl, slateUrl: `${CREATIVE}slate` },
        ],
      })
      expect(played(await decide())).toEqual([])
      expect(events()).toContain(event)
      const viewer = testViewer({ claims: { playbackConfigName: 'slate' } })
      expect(played(await decide({ viewer }))).toEqual(['slate'])
    },
  )

  test('that is down leaves content, and is counted', async () => {
    const server = await startTestAdServer()
    await server[Symbol.asyncDispose]()
    const { decide, events, metric } = decider({ settings: [{ adDecisionServerUrl: server.template() }] })
    expect(played(await decide())).toEqual([])
    expect(events()).toContain('ERROR_ADS_IO')
    expect(metric('AdDecisionServer.Errors')).toBe(1)
  })

  test('that does not answer is waited for as long as the configuration says', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<undefined>()
    const server = await adServer((request) => {
      asked.resolve(undefined)
      return hangingAnswer()(request)
    })
    const { decide, events, metric } = decider({
      settings: [{ adDecisionServerUrl: server.template(), requestTimeoutMs: 3000 }],
      options: { clock, random: () => 0 },
    })
    const decision = decide()
    await asked.promise
    clock.advance(3000)
    expect(played(await decision)).toEqual([])
    expect(events()).toContain('ERROR_ADS_TIMEOUT')
    expect(metric('AdDecisionServer.Timeouts')).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('that drips is given up with the time of the decision, and answers of others count', async () => {
    const clock = new ManualClock()
    const dripping = Promise.withResolvers<undefined>()
    const slow = await rawServer((_request, response) => {
      response.write('<VAST>', () => dripping.resolve(undefined))
    })
    const server = await adServer(({ trackingUrl }) => ({
      body: vastOf([ADS[0]!], trackingUrl).replace(
        '</VAST>',
        `<Ad id="w"><Wrapper><AdSystem>x</AdSystem><VASTAdTagURI>${slow}</VASTAdTagURI></Wrapper></Ad></VAST>`,
      ),
    }))
    const { decide } = decider({
      settings: [{ adDecisionServerUrl: server.template(), requestTimeoutMs: 6000, totalTimeoutMs: 4000 }],
      options: { clock, random: () => 0 },
    })
    const decision = decide()
    await dripping.promise
    clock.advance(4000)
    expect(played(await decision)).toEqual(['a'])
  })

  test('on a private address is not asked', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide, events } = decider({ settings: [{ adDecisionServerUrl: server.template() }], allow: '' })
    expect(played(await decide())).toEqual([])
    expect(server.requests).toEqual([])
    expect(events()).toContain('ERROR_DISALLOWED_HOST')
  })

  test('whose host would come from the viewer is not asked', async () => {
    const { decide, events } = decider({ settings: [{ adDecisionServerUrl: 'http://[player_params.h]/v' }] })
    expect(
      played(await decide({ viewer: testViewer({ claims: { playerParams: { h: '127.0.0.1' } } }) })),
    ).toEqual([])
    expect(events()).toContain('ERROR_DISALLOWED_HOST')
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

describe('the log', () => {
  test('is silent for sessions that are not drawn', async () => {
    const server = await adServer(podAnswer(ADS))
    const { decide, entries } = decider({
      settings: [{ adDecisionServerUrl: server.template(), logPercent: 0 }],
    })
    await decide()
    expect(entries).toEqual([])
  })

  test('holds no URL, no argument and nothing that moves the cursor', async () => {
    const server = await adServer(podAnswer([{ ...ADS[0]!, creativeId: 'evil\u202e\u009bid' }]))
    const adDecisionServerUrl = server.template('&secret=1&x=[player_params.none]')
    const { decide, entries, events } = decider({ settings: [{ adDecisionServerUrl }], states: {} })
    await decide()
    expect(events()).toContain('WARNING_URL_VARIABLE_SUBSTITUTION_FAILED')
    const text = JSON.stringify(entries)
    expect(text).toContain('evil')
    expect(text).not.toMatch(/secret|http:|https:|\u202e|\u009b/)
  })
})
