import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sequenceAds } from './ad-sequence.ts'
import { AD_SERVER, inline, resolve, vast, wrapper } from './ad-server-fixture.ts'
import { chooseMedia } from './choose-media.ts'
import type { ResolvedAd } from './resolved-ad.ts'

const SEEDS = ['everything.xml', 'pod.xml', 'vmap.xml'].map((name) =>
  readFileSync(new URL(`golden/${name}`, import.meta.url)),
)
const FRAGMENTS = [
  '<',
  '>',
  '</',
  '/>',
  '"',
  "'",
  '&',
  ';',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?',
  '<!DOCTYPE x [',
  '=',
]
const LIMIT_MS = 500

type Edit = { readonly at: number; readonly cut: number; readonly put: string }

const edits = fc.array(
  fc.record<Edit>({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 60 }),
    put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary', maxLength: 8 })),
  }),
  { minLength: 1, maxLength: 8 },
)

function edited(body: Uint8Array, changes: readonly Edit[]): Buffer {
  return changes.reduce<Buffer>((bytes, { at, cut, put }) => {
    const from = Math.floor(at * bytes.length)
    return Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(from + cut)])
  }, Buffer.from(body))
}

/** What every reader of an ad relies on. */
function expectUsable(ad: ResolvedAd): void {
  expect(ad.durationMs).toBeGreaterThan(0)
  expect(Number.isInteger(ad.durationMs)).toBe(true)
  expect(ad.mediaFiles.length).toBeGreaterThan(0)
  const urls = [...ad.tracking.flatMap(({ urls }) => urls), ...ad.errorUrls, ...ad.clickTracking]
  for (const url of [...urls, ...ad.mediaFiles.map((file) => file.url)])
    expect(url).toMatch(/^https?:\/\/\S+$/i)
  chooseMedia(ad, { prefersStreaming: false, topBitrateBps: 1 })
}

test('damaged documents give whole ads or none, never an exception, and soon', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SEEDS), edits, (seed, changes) => {
      const begunMs = performance.now()
      const body = edited(seed, changes)
      const { resolution } = resolve({ [AD_SERVER]: { kind: 'body', body } })
      for (const { ad } of resolution.slots) if (ad) expectUsable(ad)
      expect(performance.now() - begunMs).toBeLessThan(LIMIT_MS)
    }),
    { numRuns: 1000 },
  )
})

test('any bytes give no exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
      const { resolution } = resolve({ [AD_SERVER]: { kind: 'body', body } })
      expect(resolution.slots).toEqual([])
    }),
    { numRuns: 500 },
  )
})

const DOCUMENT_COUNT = 6
const adAttributes = { sequence: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) }
const anyAd = fc.oneof(
  fc.record(adAttributes).map(({ sequence }) => inline({ id: 'i', ...(sequence && { sequence }) })),
  fc
    .record({ ...adAttributes, target: fc.nat({ max: DOCUMENT_COUNT }), allowsMultiple: fc.boolean() })
    .map(({ sequence, target, allowsMultiple }) =>
      wrapper(
        {
          id: 'w',
          ...(sequence && { sequence }),
          attributes: `allowMultipleAds="${String(allowsMultiple)}"`,
        },
        `http://ads.test/${target}`,
      ),
    ),
)
const anyDocuments = fc.array(fc.array(anyAd, { maxLength: 4 }), {
  minLength: DOCUMENT_COUNT,
  maxLength: DOCUMENT_COUNT,
})

test('any web of wrappers comes to an end, and to the same one in any order of answers', () => {
  fc.assert(
    fc.property(anyDocuments, fc.nat(), (documents, seed) => {
      const web = Object.fromEntries([
        [AD_SERVER, vast(...(documents[0] ?? []))],
        ...documents.map((ads, index) => [`http://ads.test/${index}`, vast(...ads)] as const),
      ]) as Record<string, string>
      const inOrder = resolve(web)
      const shuffled = resolve(web, (underway) => seed % underway.length)
      expect(inOrder.asked.length).toBeLessThanOrEqual(40)
      // Beyond the limit it is the order that decides what is still asked for.
      if (inOrder.asked.length < 40) expect(shuffled.resolution.slots).toEqual(inOrder.resolution.slots)
    }),
    { numRuns: 300 },
  )
})

test('a sequence offers every ad once at most, whatever is refused', () => {
  fc.assert(
    fc.property(
      fc.array(anyAd, { maxLength: 8 }),
      fc.constantFrom('ignore', 'follow'),
      fc.nat(),
      (ads, mode, refusals) => {
        const { slots } = resolve({ [AD_SERVER]: vast(...ads), 'http://ads.test/0': vast(...ads) }).resolution
        const sequence = sequenceAds(slots, mode)
        const offered: ResolvedAd[] = []
        for (let ad = sequence.next(); ad; ad = sequence.next()) {
          offered.push(ad)
          if ((refusals >> offered.length) & 1) sequence.refuse()
        }
        expect(new Set(offered).size).toBe(offered.length)
        if (mode === 'ignore') expect(offered).toEqual(slots.flatMap(({ ad }) => ad ?? []))
      },
    ),
    { numRuns: 200 },
  )
})
