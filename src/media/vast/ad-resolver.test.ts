import { expect, test } from 'vitest'
import { vastOf, wrapperOf } from '../../../test/harness/vast-documents.ts'
import { AdResolver, MAX_DOCUMENTS } from './ad-resolver.ts'
import type { AdResolution } from './ad-resolver.ts'
import {
  AD_SERVER,
  companionOnly,
  inline,
  resolve,
  vast,
  wrapper,
  wrapperChain,
} from './ad-server-fixture.ts'
import { adsOf } from './ad-slot.ts'
import { withBreakTracking } from './merge-ad.ts'

const VMAP_HEAD = '<v:VMAP xmlns:v="http://www.iab.net/videosuite/vmap"><v:AdBreak timeOffset="start">'
const VMAP_TAIL = `<v:TrackingEvents><v:Tracking event="error">http://ads.test/break-[ERRORCODE]</v:Tracking>
  <v:Tracking event="breakStart">http://ads.test/begins</v:Tracking>
  <v:Tracking event="breakEnd">http://ads.test/ends</v:Tracking></v:TrackingEvents></v:AdBreak></v:VMAP>`

function idsOf(resolution: AdResolution): readonly string[] {
  return adsOf(resolution.slots).map(({ adId }) => adId)
}

function reasonsOf(resolution: AdResolution): readonly string[] {
  return resolution.failures.map(({ adId, code, reason }) => `${adId} ${code} ${reason}`)
}

test('asks for the ad request first, and for nothing more when all ads are inline', () => {
  const { resolution, asked } = resolve({ [AD_SERVER]: vast(inline({ id: 'a' }), inline({ id: 'b' })) })
  expect(asked).toEqual([{ url: AD_SERVER, hop: 0 }])
  expect(idsOf(resolution)).toEqual(['a', 'b'])
  expect(resolution).toMatchObject({ failures: [], errorBeacons: [], breakTracking: [] })
})

test('reports to all seven wrappers of a chain and to the ad, outermost first', () => {
  const { resolution, asked } = resolve(wrapperChain(7))
  const [ad] = adsOf(resolution.slots)
  const reporters = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'end']
  expect(asked.map(({ hop }) => hop)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(ad?.tracking).toEqual([
    {
      event: 'impression',
      offset: undefined,
      urls: reporters.map((id) => `http://ads.test/${id}/impression`),
    },
    { event: 'start', offset: undefined, urls: reporters.map((id) => `http://ads.test/${id}/start`) },
  ])
  expect(ad?.clickTracking).toEqual(reporters.map((id) => `http://ads.test/${id}/click`))
  expect(ad?.errorUrls).toEqual(reporters.map((id) => `http://ads.test/${id}/error-[ERRORCODE]`))
})

test('gives up at the eighth wrapper and tells all of them code 302', () => {
  const { resolution, asked } = resolve(wrapperChain(8))
  expect(asked).toHaveLength(8)
  expect(idsOf(resolution)).toEqual([])
  expect(reasonsOf(resolution)).toEqual(['w8 302 too-many-wrappers'])
  expect(resolution.errorBeacons).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((hop) => `http://ads.test/w${hop}/error-302`),
  )
})

test('ends a chain that comes back to a document on its way', () => {
  const { resolution, asked } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/two')),
    'http://ads.test/two': vast(wrapper({ id: 'w2' }, 'http://ads.test/decision')),
  })
  expect(asked).toHaveLength(2)
  expect(reasonsOf(resolution)).toEqual(['w2 302 wrapper-loop'])
})

test('ends a chain that comes back to where a redirect led', () => {
  const { resolution } = resolve({
    [AD_SERVER]: {
      kind: 'body',
      url: 'http://other.test/moved',
      body: Buffer.from(vast(wrapper({ id: 'w1' }, 'http://other.test/moved'))),
    },
  })
  expect(reasonsOf(resolution)).toEqual(['w1 302 wrapper-loop'])
})

test('knows an ad request again that was written in another way', () => {
  const resolver = new AdResolver('HTTP://ads.test:80')
  resolver.accept(resolver.next()!, {
    kind: 'body',
    body: Buffer.from(vast(wrapper({ id: 'w1' }, 'http://ads.test/'))),
  })
  expect(resolver.next()).toBeUndefined()
  expect(reasonsOf(resolver.finish())).toEqual(['w1 302 wrapper-loop'])
})

test('asks twice for one URL that two ads name side by side: that is no loop', () => {
  const { resolution, asked } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/same'), wrapper({ id: 'w2' }, '/same')),
    'http://ads.test/same': vast(inline({ id: 'a' })),
  })
  expect(asked).toHaveLength(3)
  expect(adsOf(resolution.slots).map(({ tracking }) => tracking[0]?.urls[0])).toEqual([
    'http://ads.test/w1/impression',
    'http://ads.test/w2/impression',
  ])
})

test('resolves a relative address against where its document came from', () => {
  const { asked } = resolve({
    [AD_SERVER]: {
      kind: 'body',
      url: 'https://edge.test/v/2/decision?x=1',
      body: Buffer.from(vast(wrapper({ id: 'w1' }, '../next?cb=[CACHEBUSTING]'))),
    },
  })
  expect(asked[1]?.url).toBe('https://edge.test/v/next?cb=[CACHEBUSTING]')
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'http://[', 'data:text/xml,<VAST/>'])(
  'does not follow %s',
  (adTagUri) => {
    const { resolution, asked } = resolve({ [AD_SERVER]: vast(wrapper({ id: 'w1' }, adTagUri)) })
    expect(asked).toHaveLength(1)
    expect(reasonsOf(resolution)).toEqual(['w1 300 bad-ad-tag-uri'])
    expect(resolution.errorBeacons).toEqual(['http://ads.test/w1/error-300'])
  },
)

test('keeps the order of the document whatever the order of the answers', () => {
  const documents = {
    [AD_SERVER]: vast(
      wrapper({ id: 'w1' }, '/one'),
      inline({ id: 'b' }),
      wrapper({ id: 'w2', attributes: 'allowMultipleAds="1"' }, '/two'),
    ),
    'http://ads.test/one': vast(inline({ id: 'a' })),
    'http://ads.test/two': vast(inline({ id: 'c' }), wrapper({ id: 'w3' }, '/three'), inline({ id: 'e' })),
    'http://ads.test/three': vast(inline({ id: 'd' })),
  }
  const forward = resolve(documents).resolution
  const backward = resolve(documents, (underway) => underway.length - 1).resolution
  expect(idsOf(forward)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(backward.slots).toEqual(forward.slots)
})

const UNREADABLE = [
  { what: 'broken XML', body: '<VAST><Ad></VAST>', code: 100, reason: 'malformed' },
  { what: 'a page', body: '<html><body/></html>', code: 101, reason: 'unknown-root' },
  { what: 'VMAP', body: `${VMAP_HEAD}${VMAP_TAIL}`, code: 101, reason: 'unknown-root' },
  { what: 'VAST 1', body: '<VideoAdServingTemplate/>', code: 102, reason: 'version-unsupported' },
  { what: 'nothing', body: '', code: 303, reason: 'no-ads' },
  { what: 'no ad', body: '<VAST version="3.0"/>', code: 303, reason: 'no-ads' },
]
test.each(UNREADABLE)('tells a wrapper that answers with $what code $code', ({ body, code, reason }) => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/w')),
    'http://ads.test/w': body,
  })
  expect(reasonsOf(resolution)).toEqual([`w1 ${code} ${reason}`])
  expect(resolution.errorBeacons).toEqual([`http://ads.test/w1/error-${code}`])
})

test.each(['timeout', 'unreachable', 'too-large'] as const)(
  'tells a wrapper about %s with code 301',
  (reason) => {
    const { resolution } = resolve({
      [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/w'), inline({ id: 'a' })),
      'http://ads.test/w': { kind: 'failed', reason },
    })
    expect(reasonsOf(resolution)).toEqual([`w1 301 ${reason}`])
    expect(resolution.errorBeacons).toEqual(['http://ads.test/w1/error-301'])
    expect(idsOf(resolution)).toEqual(['a'])
  },
)

test('calls the Error of an answer without ads with code 303, and those of the wrappers before it', () => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/w')),
    'http://ads.test/w': '<VAST version="4.0"><Error>http://empty.test/[ERRORCODE]</Error></VAST>',
  })
  expect(resolution.errorBeacons).toEqual(['http://ads.test/w1/error-303', 'http://empty.test/303'])
})

test('takes an ad request that fails for one without ads', () => {
  const { resolution } = resolve({})
  expect(resolution).toEqual({
    slots: [],
    failures: [{ adId: '', hop: 0, code: 301, reason: 'unreachable' }],
    errorBeacons: [],
    breakTracking: [],
  })
})

test('tells an ad that cannot be used, and goes on with the others', () => {
  const { resolution } = resolve({ [AD_SERVER]: vast(companionOnly({ id: 'x' }), inline({ id: 'a' })) })
  expect(idsOf(resolution)).toEqual(['a'])
  expect(resolution.errorBeacons).toEqual(['http://ads.test/x/error-201'])
})

test('ignores wrappers where followAdditionalWrappers forbids them (VAST 4.3 §3.19)', () => {
  const { resolution, asked } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1', attributes: 'followAdditionalWrappers="false"' }, '/w')),
    'http://ads.test/w': vast(wrapper({ id: 'w2' }, '/never'), inline({ id: 'a' })),
  })
  expect(asked).toHaveLength(2)
  expect(idsOf(resolution)).toEqual(['a'])
})

test('takes one ad behind a wrapper, a stand-alone one before a pod, in the place of the wrapper', () => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1', sequence: 3 }, '/w')),
    'http://ads.test/w': vast(
      inline({ id: 'pod-2', sequence: 2 }),
      companionOnly({ id: 'unusable' }),
      inline({ id: 'alone' }),
      inline({ id: 'other' }),
    ),
  })
  expect(resolution.slots).toMatchObject([{ podPath: [3], ad: { adId: 'alone', sequence: 3 } }])
})

test('takes the first of a pod behind a wrapper when there is nothing else', () => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(wrapper({ id: 'w1' }, '/w')),
    'http://ads.test/w': vast(inline({ id: 'b', sequence: 2 }), inline({ id: 'a', sequence: 1 })),
  })
  expect(resolution.slots).toMatchObject([{ podPath: [], ad: { adId: 'a', sequence: undefined } }])
})

test('takes the whole pod behind a wrapper that allows several ads', () => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(
      inline({ id: 'z', sequence: 9 }),
      wrapper({ id: 'w1', sequence: 3, attributes: 'allowMultipleAds="true"' }, '/w'),
    ),
    'http://ads.test/w': vast(
      inline({ id: 'b', sequence: 2 }),
      inline({ id: 'c' }),
      inline({ id: 'a', sequence: 1 }),
    ),
  })
  expect(resolution.slots.map(({ ad, podPath }) => [ad?.adId, podPath])).toEqual([
    ['z', [9]],
    ['b', [3, 2]],
    ['c', []],
    ['a', [3, 1]],
  ])
})

test('leaves an empty slot for an ad of a pod that failed', () => {
  const { resolution } = resolve({
    [AD_SERVER]: vast(
      wrapper({ id: 'w1', sequence: 1, attributes: 'fallbackOnNoAd="false"' }, '/w'),
      companionOnly({ id: 'x', sequence: 2 }),
      companionOnly({ id: 'alone' }),
    ),
    'http://ads.test/w': vast(),
  })
  expect(resolution.slots).toEqual([
    { ad: undefined, podPath: [1], documentIndex: 0, allowsReplacement: false },
    { ad: undefined, podPath: [2], documentIndex: 0, allowsReplacement: true },
  ])
})

test('keeps twenty ads at most', () => {
  const many = Array.from({ length: 30 }, (_, index) => inline({ id: `n${index}` }))
  const documents = {
    [AD_SERVER]: vast(
      wrapper({ id: 'w1', attributes: 'allowMultipleAds="true"' }, '/w'),
      inline({ id: 'behind' }),
    ),
    'http://ads.test/w': vast(...many),
  }
  expect(adsOf(resolve({ [AD_SERVER]: vast(...many) }).resolution.slots)).toHaveLength(20)
  const ids = idsOf(resolve(documents).resolution)
  expect(ids).toHaveLength(20)
  expect(ids).not.toContain('behind')
})

test('asks for a bounded number of documents, however many wrappers there are', () => {
  const twenty = (way: string): string =>
    vast(
      ...Array.from({ length: 20 }, (_, index) =>
        wrapper({ id: `w${way}${index}`, attributes: 'allowMultipleAds="true"' }, `/${way}-${index}`),
      ),
    )
  const resolver = new AdResolver(AD_SERVER)
  let askedCount = 0
  for (let request = resolver.next(); request; request = resolver.next()) {
    askedCount++
    resolver.accept(request, { kind: 'body', body: Buffer.from(twenty(String(askedCount))) })
  }
  expect(askedCount).toBe(MAX_DOCUMENTS)
  const { failures, errorBeacons } = resolver.finish()
  expect(failures.every(({ reason }) => reason === 'too-many-wrappers')).toBe(true)
  expect(errorBeacons).toHaveLength(100)
})

test('counts requests that are not answered in time as timed out, and passes over late answers', () => {
  const resolver = new AdResolver(AD_SERVER)
  const first = resolver.next()!
  resolver.accept(first, {
    kind: 'body',
    body: Buffer.from(
      vast(inline({ id: 'a' }), wrapper({ id: 'w1' }, '/slow'), wrapper({ id: 'w2' }, '/unasked')),
    ),
  })
  const slow = resolver.next()!
  const resolution = resolver.finish()
  resolver.accept(slow, { kind: 'body', body: Buffer.from(vast(inline({ id: 'late' }))) })
  resolver.accept(first, { kind: 'body', body: Buffer.from(vast(inline({ id: 'twice' }))) })
  expect(resolver.next()).toBeUndefined()
  expect(idsOf(resolver.finish())).toEqual(['a'])
  expect(reasonsOf(resolution)).toEqual(['w1 301 timeout', 'w2 301 timeout'])
})

test('asks for the documents of side-by-side wrappers without waiting for one of them', () => {
  const resolver = new AdResolver(AD_SERVER)
  const first = resolver.next()!
  expect(resolver.next()).toBeUndefined()
  resolver.accept(first, {
    kind: 'body',
    body: Buffer.from(vast(wrapper({ id: 'w1' }, '/one'), wrapper({ id: 'w2' }, '/two'))),
  })
  expect([resolver.next()?.url, resolver.next()?.url, resolver.next()]).toEqual([
    'http://ads.test/one',
    'http://ads.test/two',
    undefined,
  ])
  expect(resolver.isDone).toBe(false)
})

test('asks for the document that a VMAP break names, and frames its ads with the events of the break', () => {
  const { resolution, asked } = resolve({
    [AD_SERVER]: `${VMAP_HEAD}<v:AdSource><v:AdTagURI>/tag</v:AdTagURI></v:AdSource>${VMAP_TAIL}`,
    'http://ads.test/tag': vast(inline({ id: 'a' }), inline({ id: 'b' })),
  })
  expect(asked[1]).toEqual({ url: 'http://ads.test/tag', hop: 1 })
  const ads = withBreakTracking(adsOf(resolution.slots), resolution.breakTracking)
  expect(ads.map(({ adId, tracking }) => [adId, ...tracking.map(({ event }) => event)])).toEqual([
    ['a', 'breakStart', 'impression', 'start'],
    ['b', 'impression', 'start', 'breakEnd'],
  ])
})

test.each([
  { what: 'has no source', source: '' },
  { what: 'names something else than a web address', source: '<v:AdTagURI>file:///x</v:AdTagURI>' },
  { what: 'names a document that is not there', source: '<v:AdTagURI>http://gone.test/</v:AdTagURI>' },
])('tells a VMAP break that $what code 1004', ({ source }) => {
  const { resolution } = resolve({
    [AD_SERVER]: `${VMAP_HEAD}<v:AdSource>${source}</v:AdSource>${VMAP_TAIL}`,
  })
  expect(resolution.errorBeacons).toEqual(['http://ads.test/break-1004'])
  expect(resolution.slots).toEqual([])
})

test('takes VMAP without a break for an answer without ads', () => {
  const { resolution } = resolve({ [AD_SERVER]: '<vmap:VMAP xmlns:vmap="http://www.iab.net/vmap-1.0"/>' })
  expect(reasonsOf(resolution)).toEqual([' 303 no-ads'])
})

test('follows the documents of another writer', () => {
  const track = (adId: string, event: string): string => `http://track.test/?ad=${adId}&event=${event}`
  const pod = [
    { id: 'one', durationMs: 10_000, mediaUrl: 'http://media.test/1.mp4', sequence: 1 },
    { id: 'two', durationMs: 15_500, mediaUrl: 'http://media.test/2.mp4', sequence: 2 },
  ]
  const { resolution } = resolve({
    [AD_SERVER]: wrapperOf('outer', 'http://ads.test/pod', track),
    'http://ads.test/pod': vastOf(pod, track),
  })
  const [ad] = adsOf(resolution.slots)
  expect(ad).toMatchObject({ adId: 'one', durationMs: 10_000, creativeId: 'creative-one' })
  expect(ad?.tracking.map(({ event, urls }) => [event, ...urls])).toEqual(
    ['impression', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete'].map((event) => [
      event,
      track('outer', event),
      track('one', event),
    ]),
  )
  expect(idsOf(resolve({ [AD_SERVER]: vastOf(pod, track) }).resolution)).toEqual(['one', 'two'])
  expect(idsOf(resolve({ [AD_SERVER]: vastOf([], track) }).resolution)).toEqual([])
})
