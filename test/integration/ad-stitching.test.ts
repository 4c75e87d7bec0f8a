/**
 * Stitching against thousands of reloads: whatever the content, the breaks, the decisions and the viewers do, no viewer
 * ever sees a playlist that contradicts an earlier one, or that of another rendition (reference ssai §6, §7.2).
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PART_TICKS, type SegmentFate } from '../harness/ad-content.ts'
import { AdStage } from '../harness/ad-stage.ts'
import type { AdWatcher } from '../harness/ad-watcher.ts'
import { adItem, sampleCreative } from '../harness/sample-creative.ts'
import type { AdDecision, PodItem } from '../../src/ads/ad-decision.ts'
import { remainingQuartersMs, type AdBreak } from '../../src/domain/ad-break.ts'

const CREATIVES = [sampleCreative('a', 4), sampleCreative('b', 5.5), sampleCreative('c', 9)] as const
const SLATE = sampleCreative('slate', 2)
const LOST = sampleCreative('lost', 4)
const ITEMS: readonly PodItem[] = [
  ...CREATIVES.map(adItem),
  { kind: 'filler', creative: SLATE },
  adItem(LOST),
]

const PRE_ROLL = { direct: { configurationName: 'c', interstitialsPath: undefined, preRollSeconds: 15 } }

type Action =
  | { readonly kind: 'segment'; readonly partTicks: number[]; readonly discontinuity: boolean }
  | { readonly kind: 'advance'; readonly lane: number; readonly steps: number; readonly fate: SegmentFate }
  | { readonly kind: 'join'; readonly hasPreRoll: boolean }
  | { readonly kind: 'insert'; readonly seconds: number }
  | { readonly kind: 'decide'; readonly items: number[]; readonly waitSeconds: number | null }
  | { readonly kind: 'reload'; readonly viewer: number; readonly lane: number }

const partTicks = fc.constantFrom(PART_TICKS, PART_TICKS, PART_TICKS - 15, 30_030, 9_000)
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      partTicks: fc.array(partTicks, { minLength: 2, maxLength: 5 }),
      discontinuity: fc.nat(30).map((number) => number === 30),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      lane: fc.nat(1),
      steps: fc.integer({ min: 1, max: 12 }),
      fate: fc.nat(30).map((number) => (number > 1 ? 'whole' : number === 1 ? 'short' : 'gap')),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('join' as const), hasPreRoll: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), seconds: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      items: fc.array(fc.nat(ITEMS.length - 1), { maxLength: 3 }),
      waitSeconds: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 3 }),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({ kind: fc.constant('reload' as const), viewer: fc.nat(9), lane: fc.nat(1) }),
  },
)

const LIMIT_MS = 60_000
/** Longest part that the second rendition may be behind the first. */
const MAX_BEHIND = 8

class Play {
  readonly stage: AdStage
  readonly viewers: AdWatcher[] = []
  #freeAtMs = 0

  constructor(postRollSeconds: number) {
    this.stage = new AdStage({
      creatives: [...CREATIVES, SLATE],
      postRoll: { enabled: postRollSeconds > 0, durationSeconds: Math.max(1, postRollSeconds) },
      // So little that most is made again and again.
      maxSegmentBytes: 200_000,
    })
    this.stage.content.publish(3)
    this.viewers.push(this.stage.join(), this.stage.join())
  }

  async run(step: Action): Promise<void> {
    const { stage } = this
    const { content } = stage
    switch (step.kind) {
      case 'segment':
        content.plan(step)
        for (const lane of [0, 1]) content.advance(lane, content.behind(lane) - MAX_BEHIND)
        break
      case 'advance':
        content.advance(step.lane, step.steps, step.fate)
        break
      case 'join':
        this.viewers.push(stage.join(step.hasPreRoll ? PRE_ROLL : {}))
        break
      case 'insert':
        if (stage.clock.nowMs() < this.#freeAtMs) return
        this.#freeAtMs = stage.insert(step.seconds).endsAtMs
        break
      case 'decide':
        stage.decider.give({
          items: step.items.flatMap((index) => ITEMS[index] ?? []),
          skipped: [],
          ...partOf(stage.decider.oldest?.adBreak, step.waitSeconds),
        })
        await stage.settle()
        break
      case 'reload':
        this.viewers[step.viewer % this.viewers.length]?.reload(step.lane)
        break
    }
  }

  /** The publisher leaves: everybody sees the end, with ads after it or without. */
  async finish(): Promise<string[]> {
    const { stage, viewers } = this
    const { content } = stage
    stage.decider.answer = () => ({ items: [ITEMS[0], ITEMS[1]].flatMap((item) => item ?? []), skipped: [] })
    content.end(0)
    for (const viewer of viewers) viewer.reload(0)
    await stage.settle()
    for (const viewer of viewers) viewer.reload(1)
    content.catchUp()
    content.end(1)
    for (let waited = 0; waited < 8; waited++) {
      stage.clock.advance(1000)
      await stage.settle()
    }
    return viewers.flatMap((viewer) => [viewer.reload(0), viewer.reload(1)])
  }
}

/** Where ads may stand when they wait for so long after a break inside the stream has begun. */
function partOf(adBreak: AdBreak | undefined, waitSeconds: number | null): Pick<AdDecision, 'part'> {
  if (waitSeconds === null || adBreak?.rollType !== 'MIDROLL') return {}
  const beginsAtMs = adBreak.targetStartMs + waitSeconds * 1000
  const durationMs = remainingQuartersMs(adBreak, beginsAtMs)
  return durationMs > 0 ? { part: { beginsAtMs, durationMs } } : {}
}

test(
  'no reload ever contradicts another, in any rendition, whatever happens',
  async () => {
    let reloads = 0
    let adSegments = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 60, maxLength: 250 }),
        fc.constantFrom(0, 10),
        async (actions, postRollSeconds) => {
          const play = new Play(postRollSeconds)
          for (const step of actions) await play.run(step)
          const ends = await play.finish()
          expect(play.viewers.flatMap(({ faults }) => faults)).toEqual([])
          for (const end of ends) expect(end).toMatch(/#EXT-X-ENDLIST\n$/)
          reloads += play.viewers.reduce((sum, viewer) => sum + viewer.reloads, 0)
          adSegments += play.viewers.reduce((sum, viewer) => sum + viewer.adSegments, 0)
        },
      ),
      // Making a failure small ends in time to be told.
      { numRuns: 250, seed: 20260104, interruptAfterTimeLimit: LIMIT_MS / 2, markInterruptAsFailure: true },
    )
    expect(reloads).toBeGreaterThan(3000)
    expect(adSegments).toBeGreaterThan(500)
  },
  LIMIT_MS,
)
