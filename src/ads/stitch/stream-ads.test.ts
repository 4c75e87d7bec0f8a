/**
 * What single sessions of a stream are shown, beside what `test/integration/ad-stitching.test.ts` holds for all.
 */
import { expect, test } from 'vitest'
import { AdStage } from '../../../test/harness/ad-stage.ts'
import { AdWatcher } from '../../../test/harness/ad-watcher.ts'
import type { AdSample, AdSampleSink } from '../../domain/ad-metrics.ts'
import type { PrefetchPlan } from '../../domain/prefetch-plan.ts'
import type { PrefetchedAds } from '../ad-decider.ts'
import type { PrefetchPorts } from '../prefetch/prefetching.ts'
import { adItem, sampleCreative } from '../../../test/harness/sample-creative.ts'

const CREATIVE = sampleCreative('a', 4)
const SLATE = sampleCreative('slate', 2)
const DECISION = { items: [adItem(CREATIVE)], skipped: [] }
const PRE_ROLL = { direct: { configurationName: 'c', interstitialsPath: undefined, preRollSeconds: 6 } }
const GUIDED = { direct: { configurationName: 'c', interstitialsPath: '/i/session', preRollSeconds: 6 } }

/** A stage with ads ready, and three segments of content. */
function startStage(postRollSeconds?: number, onSample?: AdSampleSink): AdStage {
  const postRoll =
    postRollSeconds === undefined ? undefined : { enabled: true, durationSeconds: postRollSeconds }
  const more = { ...(postRoll && { postRoll }), ...(onSample && { onSample }) }
  const stage = new AdStage({ creatives: [CREATIVE, SLATE], windowSeconds: 30, ...more })
  stage.content.publish(3)
  return stage
}

/** Which segments are ads, as `-` and `a` by number. */
function kindsOf(watcher: AdWatcher): string {
  watcher.reload(0)
  return [...watcher.titles.values()].map((title) => (title === 'live' ? '-' : 'a')).join('')
}

/** The lines about interstitials in the playlist of a session. */
function interstitialsOf(stage: AdStage, { sessionNumber }: AdWatcher): readonly string[] {
  const [rendition] = stage.content.media.renditions
  if (!rendition) return []
  const shown = stage.ads.show(stage.content.media, rendition, sessionNumber)
  const own = shown.ownAttributes()
  return shown
    .dateRanges()
    .map(({ startMs, durationMs, attributes }, index) =>
      JSON.stringify({ startMs, durationMs, ...attributes, ...own[index] }),
    )
}

test('a pre-roll begins with the next segment after its decision, for its session alone (ssai §3.4)', async () => {
  const stage = startStage()
  const [first, other] = [stage.join(PRE_ROLL), stage.join()]
  expect(stage.decider.requests).toMatchObject([
    { durationMs: 6000, breakIndex: 0, adBreak: { id: 'aws-mediatailor-preroll-1', rollType: 'PREROLL' } },
  ])
  stage.content.publish(1)
  stage.decider.give(DECISION)
  await stage.settle()
  stage.content.publish(4)
  expect([kindsOf(first), kindsOf(other)]).toEqual(['----aa--', '--------'])
  expect([...first.faults, ...other.faults]).toEqual([])
})

test('a pre-roll wins over a break that runs, and over one that begins inside it (ssai §3.4)', async () => {
  const stage = startStage()
  stage.decider.answer = () => DECISION
  stage.insert(20)
  stage.content.publish(3)
  const joining = stage.join(PRE_ROLL)
  expect(stage.decider.requests.map(({ adBreak }) => adBreak.rollType)).toEqual(['PREROLL'])
  await stage.settle()
  stage.content.publish(4)
  expect(kindsOf(joining)).toBe('------aa--')
})

test('without ads before it, a session sees content, and breaks that come later', async () => {
  const stage = startStage()
  const watcher = stage.join(PRE_ROLL)
  stage.decider.give({ items: [], skipped: [] })
  await stage.settle()
  stage.content.publish(1)
  stage.decider.answer = () => DECISION
  stage.insert(6)
  await stage.settle()
  stage.content.publish(6)
  expect(kindsOf(watcher)).toBe('------aa--')
  expect(stage.decider.requests.map(({ breakIndex }) => breakIndex)).toEqual([0, 1])
})

test('whose ads may stand in the end of a break alone sees them from there on, beside who sees all of it (ssai §3.4)', async () => {
  const samples: AdSample[] = []
  const stage = startStage(undefined, (sample) => samples.push(sample))
  const [old, young, asYoung] = [stage.join(), stage.join(), stage.join()]
  const { targetStartMs } = stage.insert(12)
  const decision = { ...DECISION, configurationName: 'c' }
  const give = (waitMs: number): void =>
    stage.decider.give({ ...decision, part: { beginsAtMs: targetStartMs + waitMs, durationMs: 9000 } })
  stage.decider.give(decision)
  give(5000)
  await stage.settle()
  stage.content.publish(4)
  // It is not too late for who has to wait anyway.
  give(5900)
  await stage.settle()
  stage.content.publish(5)
  expect([kindsOf(old), kindsOf(young), kindsOf(asYoung)]).toEqual([
    '-----aa-----',
    '--------aa--',
    '--------aa--',
  ])
  expect([old, young, asYoung].flatMap(({ faults }) => faults)).toEqual([])
  const seen = samples.filter(({ metric }) => metric === 'Avail.ObservedDuration')
  expect(seen.map(({ value, count }) => [value, count])).toEqual([
    [12_000, 1],
    [9000, 2],
  ])
})

test('what comes next is hidden shortly before the part of a break that may have ads, not as long as it is far', async () => {
  const stage = startStage()
  const watcher = stage.join()
  const [rendition] = stage.content.media.renditions
  const isHidden = (): boolean | undefined =>
    rendition && stage.ads.show(stage.content.media, rendition, watcher.sessionNumber).hidesNext
  const { targetStartMs } = stage.insert(40)
  stage.decider.give({ ...DECISION, part: { beginsAtMs: targetStartMs + 20_000, durationMs: 20_000 } })
  await stage.settle()
  const hidden: boolean[] = []
  for (let count = 0; count < 14; count++) {
    stage.content.publish(1)
    hidden.push(isHidden() === true)
  }
  const far = hidden.indexOf(false, hidden.indexOf(true))
  const near = hidden.indexOf(true, far)
  expect(far).toBeGreaterThan(0)
  expect(near - far).toBeGreaterThan(5)
  expect(hidden.slice(near)).not.toContain(false)
  stage.content.publish(1)
  expect(kindsOf(watcher)).toMatch(/^-+aa?-*$/)
})

test('guided players are told of ads before, inside and after the stream (ssai §3.10)', async () => {
  const stage = startStage(8)
  const [guided, plain] = [stage.join(GUIDED), stage.join()]
  const preRoll =
    '{"startMs":0,"durationMs":6000,"X-RESTRICT":"SKIP,JUMP","CUE":"PRE,ONCE","X-ASSET-LIST":"/i/session/aws-mediatailor-preroll-1"}'
  expect(interstitialsOf(stage, guided)).toEqual([preRoll])
  expect(stage.decider.requests).toEqual([])
  const asked = stage.ads.guidedAds(
    stage.content.media.streamId,
    guided.sessionNumber,
    'aws-mediatailor-preroll-1',
  )
  stage.decider.give(DECISION)
  expect(await asked).toMatchObject({ decision: DECISION })
  expect(interstitialsOf(stage, plain)).toEqual([])

  const { id, targetStartMs } = stage.insert(10)
  const asset = `"X-ASSET-LIST":"/i/session/${id}"`
  const midRoll = `{"startMs":${targetStartMs},"durationMs":10000,"X-RESTRICT":"SKIP,JUMP","X-SNAP":"OUT,IN",${asset}}`
  expect(interstitialsOf(stage, guided)).toEqual([preRoll, midRoll])
  stage.content.end(0)
  stage.content.end(1)
  await stage.settle()
  const [, , postRoll = ''] = interstitialsOf(stage, guided)
  expect(postRoll).toMatch(
    /"durationMs":8000,"X-RESTRICT":"SKIP,JUMP","CUE":"POST","X-ASSET-LIST":"\/i\/session\/\w{12}"/,
  )
})

test('each guided player is told of its own ads, and of new ones before more of the stream comes (ssai §3.10)', () => {
  const stage = startStage()
  const own = (session: string, preRollSeconds?: number) => ({
    direct: { configurationName: 'c', interstitialsPath: `/i/${session}`, preRollSeconds },
  })
  const watchers = [
    stage.join(own('a', 6)),
    stage.join(own('b')),
    stage.join(own('c', 6)),
    stage.join(own('d', 8)),
  ]
  const told = (): readonly string[] =>
    watchers.map((watcher) =>
      Array.from(watcher.reload(0).matchAll(/X-ASSET-LIST="([^"]+)"/g), ([, path = '']) => path).join(' '),
    )
  const before = (session: string): string => `/i/${session}/aws-mediatailor-preroll-1`
  expect(told()).toEqual([before('a'), '', before('c'), before('d')])

  const { id } = stage.insert(10)
  expect(told()).toEqual([
    `${before('a')} /i/a/${id}`,
    `/i/b/${id}`,
    `${before('c')} /i/c/${id}`,
    `${before('d')} /i/d/${id}`,
  ])
  expect(watchers.flatMap(({ faults }) => faults)).toEqual([])
})

test('guided players see whole segments, and no more of a break once it is decided to be without ads (ssai §3.10)', async () => {
  const stage = startStage()
  const [guided, plain] = [stage.join(GUIDED), stage.join()]
  expect([guided.reload(0), plain.reload(0)].map((text) => text.includes('#EXT-X-PART:'))).toEqual([
    false,
    true,
  ])
  const { id } = stage.insert(10)
  expect(interstitialsOf(stage, guided)).toHaveLength(2)
  stage.decider.answer = () => ({ items: [], skipped: [] })
  await stage.ads.guidedAds(stage.content.media.streamId, guided.sessionNumber, id)
  expect(interstitialsOf(stage, guided)).toEqual([expect.stringContaining('preroll')])
  expect(guided.faults).toEqual([])
})

test('a guided player may have its ads decided when a break is announced, and is not told of it without any (ssai §3.1)', async () => {
  const samples: AdSample[] = []
  const stage = startStage(undefined, (sample) => samples.push(sample))
  const ahead = stage.join({ direct: { ...GUIDED.direct, isGuidedAhead: true } })
  const asking = stage.join(GUIDED)
  stage.decider.answer = () => ({ items: [], skipped: [] })
  stage.insert(10)
  await stage.settle()
  expect(stage.decider.requests.map(({ viewer }) => viewer.sessionNumber)).toEqual([ahead.sessionNumber])
  expect([ahead, asking].map((watcher) => interstitialsOf(stage, watcher).length)).toEqual([1, 2])

  stage.content.publish(10)
  stage.decider.answer = () => ({ configurationName: 'c', ...DECISION })
  const { id } = stage.insert(10)
  await stage.settle()
  const given = (): Promise<unknown> =>
    stage.ads.guidedAds(stage.content.media.streamId, ahead.sessionNumber, id)
  expect(samples.filter(({ metric }) => metric === 'AdsBilled')).toEqual([])
  expect(await given()).toMatchObject({ decision: DECISION })
  await given()
  expect(samples.filter(({ metric }) => metric === 'AdsBilled')).toHaveLength(1)
  expect(stage.decider.requests).toHaveLength(2)
})

test('a session that another node began, or that was forgotten, sees content', async () => {
  const stage = startStage()
  stage.decider.answer = () => DECISION
  const known = stage.join()
  const unknown = new AdWatcher(stage.ads, stage.content.media, 'of-another-node')
  stage.insert(6)
  await stage.settle()
  stage.content.publish(6)
  expect([kindsOf(known), kindsOf(unknown)]).toEqual(['-----aa--', '---------'])
  expect(unknown.faults).toEqual([])
})

test('what was seen of a break is measured when it is over, for all who saw the same at once (ssai §3.9)', async () => {
  const samples: AdSample[] = []
  const stage = startStage(undefined, (sample) => samples.push(sample))
  for (let viewer = 0; viewer < 3; viewer++) stage.join()
  const slate = { kind: 'filler' as const, creative: SLATE }
  const filled = { configurationName: 'c', items: [adItem(CREATIVE), slate], skipped: [] }
  stage.insert(8)
  for (const decision of [filled, filled, { configurationName: 'c', items: [], skipped: [] }]) {
    stage.decider.give(decision)
  }
  await stage.settle()
  stage.content.publish(6)
  const { accountId } = stage.content.media.channel
  const of = { accountId, configurationName: 'c', adTrackingDomain: undefined }
  expect(samples).toEqual([
    { ...of, metric: 'Avail.ObservedDuration', value: 8000, count: 2 },
    { ...of, metric: 'Avail.ObservedFilledDuration', value: 4000, count: 2 },
    { ...of, metric: 'Avail.ObservedFillRate', value: 0.5, count: 2 },
    { ...of, metric: 'Avail.ObservedSlateDuration', value: 2000, count: 2 },
    { ...of, metric: 'AdsBilled', value: 1, count: 2 },
  ])
  samples.length = 0
  stage.content.publish(30)
  expect(samples).toEqual([
    { ...of, metric: 'Avail.ObservedDuration', value: 8000, count: 1 },
    { ...of, metric: 'Avail.ObservedFilledDuration', value: 0, count: 1 },
    { ...of, metric: 'Avail.ObservedFillRate', value: 0, count: 1 },
    { ...of, metric: 'Avail.ObservedSlateDuration', value: 0, count: 1 },
    { ...of, metric: 'AdsBilled', value: 0, count: 1 },
  ])
})

test('what was asked for ahead is there when a break is decided, but not for guided players (ssai §2.4, §3.10)', async () => {
  const window = { startMs: 0, endMs: Infinity }
  const plan: PrefetchPlan = {
    id: 'schedule',
    accountId: '',
    configurationName: 'c',
    streamId: '',
    retrieval: window,
    consumption: window,
    recurrence: undefined,
    variables: {},
    shaping: { kind: 'window', durationMs: 0 },
    matching: [],
  }
  const kept: PrefetchedAds = {
    planId: plan.id,
    configurationName: 'c',
    fromMs: 0,
    untilMs: Infinity,
    matching: {},
  }
  const asked: string[] = []
  const plans = { plans: [plan], configurationOf: () => 'c' }
  const prefetching: PrefetchPorts = {
    plans: { refresh: () => Promise.resolve(), forStream: () => Promise.resolve(plans) },
    prefetcher: {
      prefetch: ({ viewer }) => {
        asked.push(viewer.sessionNumber)
        return Promise.resolve(kept)
      },
    },
  }
  const stage = new AdStage({ creatives: [CREATIVE], prefetching })
  stage.content.publish(3)
  const [first, guided, second] = [stage.join(), stage.join(GUIDED), stage.join()]
  for (let look = 0; look < 3; look++) {
    stage.clock.advance(1000)
    await stage.settle()
  }
  expect(asked).toEqual([first.sessionNumber, second.sessionNumber])
  const late = stage.join()
  const { id } = stage.insert(10)
  expect(stage.decider.requests.map(({ viewer, prefetched }) => [viewer.sessionNumber, prefetched])).toEqual([
    [first.sessionNumber, [kept]],
    [second.sessionNumber, [kept]],
    [late.sessionNumber, undefined],
  ])
  void stage.ads.guidedAds(stage.content.media.streamId, guided.sessionNumber, id)
  expect(stage.decider.requests.at(-1)?.prefetched).toBeUndefined()

  stage.ads.stop()
  stage.clock.advance(5000)
  await stage.settle()
  expect(asked).not.toContain(late.sessionNumber)
})
