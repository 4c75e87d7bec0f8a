import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readAdResponse } from './ad-response.ts'
import { AD_SERVER, inline, resolve, vast } from './ad-server-fixture.ts'
import type { VastDocument } from './vast-document.ts'

function golden(name: string): string {
  return readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')
}

function readText(text: string): ReturnType<typeof readAdResponse> {
  return readAdResponse(Buffer.from(text))
}

/** A document with one ad whose Linear is `linear`. */
function linearOf(linear: string): VastDocument['ads'][number] | undefined {
  const response = readText(
    `<VAST version="3.0"><Ad id="a"><InLine><Creatives><Creative>${linear}</Creative></Creatives></InLine></Ad></VAST>`,
  )
  return response.kind === 'vast' ? response.document.ads[0] : undefined
}

const FILE =
  '<MediaFiles><MediaFile delivery="progressive" type="video/mp4">http://m.test/1.mp4</MediaFile></MediaFiles>'

test.each(['everything', 'pod', 'vmap'])('resolves %s.xml to %s.json', async (name) => {
  const { resolution } = resolve({ [AD_SERVER]: golden(`${name}.xml`) })
  const printed = JSON.stringify(resolution, (_, value: unknown) => value ?? null, 2)
  await expect(`${printed}\n`).toMatchFileSnapshot(`golden/${name}.json`)
})

test.each([
  ['the current namespace', 'http://www.iab.net/videosuite/vmap', 'vmap'],
  ['the namespace of older files', 'http://www.iab.net/vmap-1.0', 'vmap'],
  ['another prefix', 'http://www.iab.net/videosuite/vmap', 'v'],
])('reads VMAP with %s', (_, namespace, prefix) => {
  const document = golden('vmap.xml')
    .replace('http://www.iab.net/videosuite/vmap', namespace)
    .replace('xmlns:vmap', `xmlns:${prefix}`)
    .replaceAll('vmap:', `${prefix}:`)
  expect(readText(document)).toMatchObject({
    kind: 'vmap',
    adBreak: { breakId: 'mid', source: { kind: 'vast', document: { ads: [{ adId: 'in-vmap' }] } } },
  })
})

test('reads VMAP without a prefix, and what its source allows', () => {
  const response = readText(
    `<VMAP xmlns="http://www.iab.net/videosuite/vmap"><AdBreak><AdSource allowMultipleAds="false"
      followRedirects="false"><AdTagURI>http://ads.test/x</AdTagURI></AdSource></AdBreak></VMAP>`,
  )
  expect(response).toMatchObject({
    adBreak: { allowsMultipleAds: false, followsWrappers: false, source: { adTagUri: 'http://ads.test/x' } },
  })
})

test.each([
  ['an empty body', ''],
  ['white space', ' \r\n\t'],
])('takes %s for an answer without ads', (_, body) => {
  expect(readText(body)).toEqual({ kind: 'empty' })
})

test.each(['<VAST/>', '<VAST version="4.2"></VAST>', '<?xml version="1.0"?>\n<VAST version="2.0"/>'])(
  'reads %s as VAST without ads',
  (body) => {
    expect(readText(body)).toEqual({ kind: 'vast', document: { ads: [], errorUrls: [] } })
  },
)

test.each([
  [100, 'malformed', '<VAST version="3.0"><Ad>'],
  [100, 'malformed', 'no ads today'],
  [100, 'malformed', '{"ads":[]}'],
  [101, 'unknown-root', '<rss version="2.0"/>'],
  [102, 'version-unsupported', '<VideoAdServingTemplate><Ad/></VideoAdServingTemplate>'],
  [102, 'version-unsupported', '<VAST version="1.0"/>'],
  [100, 'too-large', `<VAST>${' '.repeat(10 * 1024 * 1024)}</VAST>`],
])('gives code %i, %s', (code, reason, body) => {
  expect(readText(body)).toEqual({ kind: 'unreadable', code, reason })
})

test.each(['2.0', '2.0.1', '3.0', '4.0', '4.1', '4.2', '4.3', '5.0', ''])('reads version %j', (version) => {
  const body = vast(inline({ id: 'a' })).replace('version="4.2"', `version="${version}"`)
  expect(readText(body)).toMatchObject({ kind: 'vast', document: { ads: [{ adId: 'a' }] } })
})

test.each([
  ['has neither InLine nor Wrapper', 101, 'no-inline-or-wrapper', ''],
  ['is a wrapper without address', 101, 'no-ad-tag-uri', '<Wrapper><VASTAdTagURI> </VASTAdTagURI></Wrapper>'],
  ['has no creatives', 101, 'no-creatives', '<InLine><Creatives/></InLine>'],
  [
    'is not linear',
    201,
    'no-linear',
    '<InLine><Creatives><Creative><NonLinearAds/></Creative></Creatives></InLine>',
  ],
])('keeps an ad that %s, with code %i', (_, code, reason, body) => {
  const response = readText(`<VAST version="3.0"><Ad id="a">${body}</Ad></VAST>`)
  expect(response).toMatchObject({ document: { ads: [{ kind: 'broken', adId: 'a', code, reason }] } })
})

test.each([
  ['no-duration', `<Linear>${FILE}</Linear>`],
  ['no-duration', `<Linear><Duration>00:00:00</Duration>${FILE}</Linear>`],
  ['no-duration', `<Linear><Duration>fifteen</Duration>${FILE}</Linear>`],
  ['no-duration', `<Linear><Duration>100:00:00</Duration>${FILE}</Linear>`],
  ['no-media-files', '<Linear><Duration>00:00:10</Duration><MediaFiles/></Linear>'],
  [
    'media-files-unusable',
    '<Linear><Duration>00:00:10</Duration><MediaFiles><MediaFile type="video/mp4">nowhere</MediaFile></MediaFiles></Linear>',
  ],
  [
    'scripts-only',
    '<Linear><Duration>00:00:10</Duration><MediaFiles><MediaFile apiFramework="VPAID" type="application/javascript">http://m.test/v.js</MediaFile></MediaFiles></Linear>',
  ],
])('finds %s in %s', (reason, linear) => {
  expect(linearOf(linear)).toMatchObject({ kind: 'broken', reason })
})

test.each([
  ['00:00:10', 10_000],
  ['00:00:10.5', 10_500],
  ['0:01:02.003', 62_003],
  ['01:00:00', 3_600_000],
  [' 00:00:29.97 ', 29_970],
])('reads the duration %s as %i ms', (duration, durationMs) => {
  expect(linearOf(`<Linear><Duration>${duration}</Duration>${FILE}</Linear>`)).toMatchObject({
    linear: { durationMs },
  })
})

test('takes the first Linear that can be used', () => {
  const usable = `<Linear><Duration>00:00:10</Duration>${FILE}</Linear>`
  expect(linearOf(`<Linear/></Creative><Creative id="c2">${usable}`)).toMatchObject({
    kind: 'inline',
    linear: { creativeId: 'c2' },
  })
})

test.each([
  [
    'the attribute of version 4.0',
    '<UniversalAdId idRegistry="x" idValue="U-1">unknown</UniversalAdId>',
    'U-1',
  ],
  ['its text', '<UniversalAdId idRegistry="x">U-2</UniversalAdId>', 'U-2'],
  ['the first of several', '<UniversalAdId>U-3</UniversalAdId><UniversalAdId>U-4</UniversalAdId>', 'U-3'],
])('names a creative without an id by its UniversalAdId: %s', (_, element, universalAdId) => {
  expect(linearOf(`${element}<Linear><Duration>00:00:10</Duration>${FILE}</Linear>`)).toMatchObject({
    linear: { creativeId: universalAdId, universalAdId },
  })
})

test('drops addresses that are none, and blanks inside of others', () => {
  const response = readText(
    vast(inline({ id: 'a' }))
      .replace(
        '<Impression>',
        '<Impression>javascript:x</Impression><Impression/><Impression>/relative</Impression><Impression>',
      )
      .replace('http://ads.test/a/impression', 'http://ads.test/a/\n  impression'),
  )
  expect(response).toMatchObject({
    document: { ads: [{ reporting: { impressionUrls: ['http://ads.test/a/impression'] } }] },
  })
})

test('keeps a flood of impressions within bounds', () => {
  const flood = '<Impression>http://ads.test/x</Impression>'.repeat(5000)
  const { resolution } = resolve({
    [AD_SERVER]: vast(inline({ id: 'a' })).replace('<Impression>', `${flood}<Impression>`),
  })
  expect(resolution.slots[0]?.ad?.tracking[0]?.urls).toHaveLength(50)
})

test('reads a document padded to almost a megabyte as it reads the bare one', () => {
  const bare = vast(inline({ id: 'a' }))
  const padded = bare.replace('<Ad ', `<!-- ${'x'.repeat(1_000_000)} --><Ad `)
  expect(readText(padded)).toEqual(readText(bare))
})

test('cuts names that are very long', () => {
  const response = readText(vast(inline({ id: 'n'.repeat(5000) })))
  expect(response).toMatchObject({
    document: { ads: [{ adId: 'n'.repeat(256), adTitle: 'n'.repeat(256) }] },
  })
})
