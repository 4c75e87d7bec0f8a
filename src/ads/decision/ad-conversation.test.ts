/**
 * What is logged of a conversation with an ad server, by the names of the service (reference ssai §2.3).
 */
import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { readAdResponse } from '../../media/vast/ad-response.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import { AdConversation } from './ad-conversation.ts'
import { testViewer } from './decision-fixture.ts'
import { SharedResolutions } from './shared-resolutions.ts'

type Answer = string | Error

const SERVER = 'http://ads.test/vast'
const NEXT = 'http://next.test/vast'
const INLINE = '<InLine><AdSystem/><AdTitle/><Impression>http://ads.test/i</Impression>'

const vast = (ad: string): string => `<VAST version="4.0"><Ad id="a">${ad}</Ad></VAST>`
const linear = (inside: string): string =>
  vast(`${INLINE}<Creatives><Creative><Linear>${inside}</Linear></Creative></Creatives></InLine>`)
const wrapper = (uri: string): string =>
  vast(`<Wrapper><AdSystem/><VASTAdTagURI>${uri}</VASTAdTagURI></Wrapper>`)
const file = (attributes: string): string =>
  `<Duration>00:00:10</Duration><MediaFiles><MediaFile ${attributes}>http://cdn.test/a</MediaFile></MediaFiles>`
const WHOLE = linear(file('delivery="progressive" type="video/mp4"'))

/** What is logged when the ad server answers so, and whoever it sends on to answers `next`. */
async function eventsOf(answer: Answer, next: Answer = WHOLE): Promise<readonly string[]> {
  const events: string[] = []
  const conversation = new AdConversation(
    {
      outbound: {
        fetchBody: ({ url }) => {
          const given = url === SERVER ? answer : next
          if (typeof given !== 'string') return Promise.reject(given)
          return Promise.resolve({ status: 200, url, contentType: '', body: Buffer.from(given) })
        },
      },
      reader: { read: (body) => Promise.resolve(readAdResponse(body)) },
      resolutions: new SharedResolutions(),
      clock: systemClock,
      random: () => 0.5,
    },
    {
      wish: { url: SERVER, method: 'GET', headers: {}, body: undefined, unknownVariables: [] },
      viewer: testViewer(),
      requestTimeoutMs: 1000,
      endMonotonicMs: systemClock.monotonicMs() + 2000,
      notes: (eventType) => events.push(eventType),
    },
  )
  await conversation.run()
  return events
}

const failed = (code: ConstructorParameters<typeof OutboundError>[0], cause?: Error): OutboundError =>
  new OutboundError(code, 'failed', { cause })
const unknownHost = Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })

test.each<[string, Answer, readonly string[]]>([
  ['has an ad', WHOLE, ['VAST_RESPONSE']],
  ['has no ads', '<VAST version="4.0"/>', ['EMPTY_VAST_RESPONSE', 'WARNING_NO_ADVERTISEMENTS']],
  [
    'has no break',
    '<v:VMAP xmlns:v="http://www.iab.net/videosuite/vmap"/>',
    ['EMPTY_VMAP_RESPONSE', 'WARNING_NO_ADVERTISEMENTS'],
  ],
  ['breaks off', '<VAST', ['VAST_RESPONSE', 'ERROR_ADS_RESPONSE_PARSE']],
  ['speaks another language', '<html/>', ['VAST_RESPONSE', 'ERROR_ADS_RESPONSE_UNKNOWN_ROOT_ELEMENT']],
  ['speaks version 1', '<VideoAdServingTemplate/>', ['VAST_RESPONSE', 'ERROR_ADS_INVALID_RESPONSE']],
  [
    'names no creative',
    vast(`${INLINE}<Creatives/></InLine>`),
    ['VAST_RESPONSE', 'ERROR_VAST_MISSING_CREATIVES'],
  ],
  [
    'names no file',
    linear('<Duration>00:00:10</Duration>'),
    ['VAST_RESPONSE', 'ERROR_VAST_MISSING_MEDIAFILES'],
  ],
  [
    'names a script alone',
    linear(file('apiFramework="VPAID" type="application/javascript"')),
    ['VAST_RESPONSE', 'WARNING_VPAID_AD_DROPPED'],
  ],
  [
    'names files that are nowhere',
    linear('<Duration>00:00:10</Duration><MediaFiles><MediaFile type="video/mp4">x</MediaFile></MediaFiles>'),
    ['VAST_RESPONSE', 'ERROR_VAST_INVALID_MEDIA_FILE'],
  ],
  ['is a wrapper of nothing', wrapper(''), ['VAST_RESPONSE', 'ERROR_VAST_INVALID_VAST_AD_TAG_URI']],
  ['is too slow', failed('TIMEOUT'), ['ERROR_ADS_TIMEOUT']],
  ['is down', failed('NETWORK'), ['ERROR_ADS_IO']],
  ['has an unknown name', failed('NETWORK', unknownHost), ['ERROR_UNKNOWN_HOST']],
  ['is not to be called', failed('BLOCKED_TARGET'), ['ERROR_DISALLOWED_HOST']],
  ['fails', failed('HTTP_STATUS'), ['ERROR_ADS_INVALID_RESPONSE']],
  ['is read by a faulty program', new Error('bug'), ['ERROR_UNKNOWN']],
])('of an ad server that %s', async (_what, answer, events) => {
  expect(await eventsOf(answer)).toEqual(['MAKING_ADS_REQUEST', ...events])
})

test.each<[string, Answer, readonly string[]]>([
  ['has an ad', WHOLE, ['REDIRECTED_VAST_RESPONSE']],
  [
    'has no ads',
    '<VAST version="4.0"/>',
    ['ERROR_VAST_REDIRECT_EMPTY_RESPONSE', 'WARNING_NO_ADVERTISEMENTS'],
  ],
  ['is down', failed('NETWORK'), ['ERROR_VAST_REDIRECT_FAILED']],
  ['sends back', wrapper(NEXT), ['REDIRECTED_VAST_RESPONSE', 'ERROR_VAST_REDIRECT_FAILED']],
])('of a wrapper whose target %s', async (_what, next, events) => {
  expect(await eventsOf(wrapper(NEXT), next)).toEqual([
    'MAKING_ADS_REQUEST',
    'VAST_RESPONSE',
    'VAST_REDIRECT',
    ...events,
  ])
})
