import { plainAd } from '../../media/vast/plain-ad-fixture.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { sequenceAds } from '../../media/vast/ad-sequence.ts'
import type { ResolvedAd } from '../../media/vast/resolved-ad.ts'
import type { AdDecision } from '../ad-decision.ts'
import { TEST_PROFILE, TestLibrary, testSettings } from './decision-fixture.ts'
import { fillBreak } from './fill-break.ts'

type States = ConstructorParameters<typeof TestLibrary>[0]

function adOf(name: string, durationMs = 10_000, changes: Partial<ResolvedAd> = {}): ResolvedAd {
  const file = { delivery: 'progressive', mimeType: 'video/mp4', bitrateKbps: 3000 } as const
  const rest = { width: 1280, height: 720, codec: undefined, isMezzanine: false }
  return plainAd({
    adId: name,
    creativeId: name,
    durationMs,
    mediaFiles: [{ url: `https://cdn.example.com/${name}`, ...file, ...rest }],
    ...changes,
  })
}

function fill(
  ads: readonly ResolvedAd[],
  states: States,
  { settings = {}, durationMs = 30_000 }: { settings?: Partial<AdSettings>; durationMs?: number } = {},
): { readonly decision: AdDecision; readonly library: TestLibrary } {
  const library = new TestLibrary(states)
  const chosen = testSettings(settings)
  const slots = ads.map((ad) => ({
    ad,
    podPath: ad.sequence === undefined ? [] : [ad.sequence],
    documentIndex: 0,
    allowsReplacement: true,
  }))
  const decision = fillBreak({
    request: { durationMs, segmentMs: 2000, profile: TEST_PROFILE },
    settings: chosen,
    library,
    ads: sequenceAds(slots, chosen.sequencing),
    breakTracking: [],
  })
  return { decision, library }
}

/** Items as `name:seconds`. */
const items = ({ items }: AdDecision) =>
  items.map(({ creative }) => `${creative.key}:${creative.durationTicks / 90_000}`)
const skipped = ({ skipped }: AdDecision) => skipped.map(({ ad, reason }) => `${ad.adId}:${reason}`)

describe('ads (ssai §3.4)', () => {
  test('are taken in order while they fit, and those that do not are skipped', () => {
    const { decision } = fill([adOf('a', 20_000), adOf('b', 15_000), adOf('c', 10_000), adOf('d', 2000)], {
      a: 20_000,
      b: 15_000,
      c: 10_000,
      d: 2000,
    })
    expect(items(decision)).toEqual(['a:20', 'c:10'])
    expect(skipped(decision)).toEqual(['b:AVAIL_DURATION_EXCEEDED', 'd:AVAIL_DURATION_EXCEEDED'])
  })

  test('take whole segments, of which a tenth of a second is forgiven', () => {
    const { decision } = fill([adOf('a'), adOf('b')], { a: 10_090, b: 10_110 }, { durationMs: 21_000 })
    expect(items(decision)).toEqual(['a:10.09'])
    expect(skipped(decision)).toEqual(['b:AVAIL_DURATION_EXCEEDED'])
  })

  test('that are not ready are skipped with the reason, and the next one takes the place', () => {
    const names = ['new', 'run', 'bad', 'huge', 'gone', 'slow', 'full', 'ok']
    const states = {
      run: 'running',
      bad: 'unplayable',
      huge: 'unsuitable',
      gone: 'unavailable',
      slow: 'timed-out',
      full: 'not-tried',
      ok: 10_000,
    } as const
    const { decision, library } = fill(
      names.map((name) => adOf(name)),
      states,
    )
    expect(items(decision)).toEqual(['ok:10'])
    expect(skipped(decision)).toEqual([
      'new:NEW_CREATIVE',
      'run:TRANSCODE_IN_PROGRESS',
      'bad:TRANSCODE_ERROR',
      'huge:TRANSCODE_ERROR',
      'gone:MEDIA_FILE_UNAVAILABLE',
      'slow:MEDIA_FILE_UNAVAILABLE',
      'full:INTERNAL_ERROR',
    ])
    const told = decision.skipped.map(({ failure }) => failure)
    const failures = ['unplayable', 'unsuitable', 'unavailable', 'timed-out', 'not-tried']
    expect(told).toEqual([undefined, undefined, ...failures])
    expect(library.asked.map(({ creativeId }) => creativeId)).toEqual(names)
  })

  test('longer than the whole break are not even prepared', () => {
    const { decision, library } = fill([adOf('long', 40_000)], { long: 40_000 })
    expect(items(decision)).toEqual([])
    expect(skipped(decision)).toEqual(['long:AVAIL_DURATION_EXCEEDED'])
    expect(library.asked).toEqual([])
  })

  test('without a file that can be transcoded are skipped', () => {
    const [file] = adOf('x').mediaFiles
    const { decision } = fill(
      [
        adOf('script', 10_000, { mediaFiles: [{ ...file!, mimeType: 'image/gif' }] }),
        adOf('none', 10_000, { mediaFiles: [] }),
      ],
      {},
    )
    expect(skipped(decision)).toEqual(['script:NO_VARIANT_MATCH', 'none:MEDIA_FILE_UNAVAILABLE'])
  })

  test('without a place in the pod only replace those that fail, when the order is followed', () => {
    const ads = [adOf('spare'), adOf('two', 10_000, { sequence: 2 }), adOf('one', 10_000, { sequence: 1 })]
    const follow = { settings: { sequencing: 'follow' as const } }
    expect(items(fill(ads, { spare: 10_000, one: 10_000, two: 10_000 }, follow).decision)).toEqual([
      'one:10',
      'two:10',
    ])
    expect(items(fill(ads, { spare: 10_000, two: 10_000 }, follow).decision)).toEqual(['spare:10', 'two:10'])
    expect(items(fill([adOf('spare')], { spare: 10_000 }, follow).decision)).toEqual([])
  })

  test('never fill more than there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 500, max: 40_000 }), { maxLength: 10 }),
        fc.integer({ min: 1000, max: 60_000 }),
        fc.boolean(),
        (durations, durationMs, hasSlate) => {
          const ads = durations.map((duration, index) => adOf(`ad${index}`, duration))
          const states = Object.fromEntries(durations.map((duration, index) => [`ad${index}`, duration]))
          const settings = hasSlate ? { slateUrl: 'https://cdn.example.com/slate' } : {}
          const { decision } = fill(ads, { ...states, slate: 7000 }, { settings, durationMs })
          const segments = decision.items.reduce(
            (total, { creative }) =>
              total + Math.max(1, Math.ceil((creative.durationTicks / 90 - 100) / 2000)),
            0,
          )
          expect(segments * 2000).toBeLessThanOrEqual(durationMs + 100)
          const ads1 = decision.items.filter(({ kind }) => kind === 'ad').length
          expect(ads1 + decision.skipped.length).toBe(ads.length)
        },
      ),
    )
  })
})

describe('what is left of a break', () => {
  const slateUrl = 'https://cdn.example.com/slate'

  test('is slate, whose last repetition ends with the break', () => {
    const { decision } = fill([adOf('a')], { a: 10_000, slate: 8000 }, { settings: { slateUrl } })
    expect(items(decision)).toEqual(['a:10', 'slate:8', 'slate:8', 'slate:4'])
  })

  test('is slate as a whole when no ad is ready', () => {
    const { decision } = fill([adOf('a')], { slate: 30_000 }, { settings: { slateUrl } })
    expect(items(decision)).toEqual(['slate:30'])
  })

  test('is content while the slate is not ready', () => {
    const { decision } = fill([adOf('a')], { a: 10_000 }, { settings: { slateUrl } })
    expect(items(decision)).toEqual(['a:10'])
  })

  test('may be so much that the whole break stays content', () => {
    const settings = { slateUrl, personalizationThresholdSeconds: 19 }
    const { decision } = fill([adOf('a')], { a: 10_000, slate: 8000 }, { settings })
    expect(items(decision)).toEqual([])
    expect(skipped(decision)).toEqual(['a:LEFTOVER_AVAIL_EXCEEDED_THRESHOLD'])
    const enough = { slateUrl, personalizationThresholdSeconds: 20 }
    expect(fill([adOf('a')], { a: 10_000, slate: 8000 }, { settings: enough }).decision.items).toHaveLength(4)
  })
})

describe('bumpers', () => {
  const settings = {
    bumperStartUrl: 'https://cdn.example.com/in',
    bumperEndUrl: 'https://cdn.example.com/out',
    slateUrl: 'https://cdn.example.com/slate',
  }

  test('stand around the ads, and their place is kept free', () => {
    const ads = [adOf('a', 20_000), adOf('b', 10_000)]
    const { decision } = fill(ads, { a: 20_000, b: 10_000, in: 2000, out: 2000, slate: 6000 }, { settings })
    expect(items(decision)).toEqual(['in:2', 'a:20', 'slate:6', 'out:2'])
  })

  test('are left out when there is no ad', () => {
    const { decision } = fill([], { in: 2000, out: 2000, slate: 30_000 }, { settings })
    expect(items(decision)).toEqual(['slate:30'])
  })

  test('of more than ten seconds are left out', () => {
    const { decision } = fill([adOf('a')], { a: 10_000, in: 10_100, out: 'running' }, { settings })
    expect(items(decision)).toEqual(['a:10'])
  })
})
