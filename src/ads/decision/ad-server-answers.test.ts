import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  hangingAnswer,
  malformedAnswer,
  noAds,
  podAnswer,
  startTestAdServer,
  type AdAnswering,
} from '../../../test/harness/ad-server.ts'
import { vastOf } from '../../../test/harness/vast-documents.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { ADS, closeAll, closeLater, CREATIVE, decider, played } from './decider-fixture.ts'
import { testViewer } from './decision-fixture.ts'

afterEach(closeAll)

async function adServer(answering: AdAnswering) {
  const server = await startTestAdServer(answering)
  closeLater(() => server[Symbol.asyncDispose]())
  return server
}

/** A server that a test answers with byte by byte; its address. */
async function rawServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closeLater(() => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    return closed
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

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
