import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import type { AdBreak } from '../../domain/ad-break.ts'
import type { PrefetchPlan } from '../../domain/prefetch-plan.ts'
import type { PrefetchedAds } from '../ad-decider.ts'
import type { AdPrefetcher, PrefetchWish } from '../ad-prefetcher.ts'
import { testViewer } from '../decision/decision-fixture.ts'
import { LOOK_MS, StreamPrefetches, type PrefetchingSession } from './stream-prefetches.ts'

const SHAPE = { profile: { fingerprint: 'p', renditions: [] }, segmentMs: 2000 }

/** Keeps something for everybody who asks. */
class HandPrefetcher implements AdPrefetcher {
  readonly wishes: PrefetchWish[] = []
  untilMs = Infinity

  readonly prefetch = (wish: PrefetchWish): Promise<PrefetchedAds> => {
    this.wishes.push(wish)
    const { id: planId, configurationName } = wish.plan
    return Promise.resolve({ planId, configurationName, fromMs: 0, untilMs: this.untilMs, matching: {} })
  }

  get asked(): readonly string[] {
    return this.wishes.map(({ viewer }) => viewer.sessionNumber)
  }
}

/** A stream whose sessions are looked at every second. */
class Stage {
  readonly clock = new ManualClock()
  readonly startMs = this.clock.nowMs()
  readonly prefetcher = new HandPrefetcher()
  readonly prefetches: StreamPrefetches
  readonly sessions: PrefetchingSession[] = []
  plans: readonly PrefetchPlan[] = []

  constructor(random = 0) {
    const { prefetcher, clock } = this
    this.prefetches = new StreamPrefetches({ prefetcher, clock, random: () => random })
  }

  /** A schedule for the minute that begins in ten seconds. */
  plan(changes: Partial<PrefetchPlan> = {}): PrefetchPlan {
    const window = { startMs: this.startMs + 10_000, endMs: this.startMs + 70_000 }
    return {
      id: 'one',
      accountId: testViewer().accountId,
      configurationName: 'ads',
      streamId: '',
      retrieval: window,
      consumption: window,
      recurrence: undefined,
      variables: {},
      shaping: { kind: 'window', durationMs: 20_000 },
      matching: [],
      ...changes,
    }
  }

  join(sessionNumber: string, playbackConfigName = 'ads'): PrefetchingSession {
    const session = { viewer: testViewer({ sessionNumber, claims: { playbackConfigName } }), breaks: 3 }
    this.sessions.push(session)
    return session
  }

  async run(seconds: number): Promise<void> {
    for (let count = 0; count < seconds; count++) {
      const { plans, sessions } = this
      const configurationOf = ({ claims }: { claims: { playbackConfigName?: string } }) =>
        claims.playbackConfigName
      this.prefetches.look({ plans, configurationOf }, { shape: () => SHAPE, watching: () => sessions })
      this.clock.advance(LOOK_MS)
      await Promise.resolve()
    }
  }

  breakThatEnds(id: string, inSeconds: number): AdBreak {
    const insertedAtMs = this.clock.nowMs()
    const endsAtMs = insertedAtMs + inSeconds * 1000
    const durationSeconds = inSeconds
    return { id, rollType: 'MIDROLL', durationSeconds, insertedAtMs, targetStartMs: insertedAtMs, endsAtMs }
  }
}

test('who watches asks once in the window, who comes later too, and nobody of another configuration', async () => {
  const stage = new Stage()
  stage.plans = [stage.plan()]
  const early = stage.join('early')
  const other = stage.join('other', 'others')
  await stage.run(10)
  expect(stage.prefetcher.asked).toEqual([])
  await stage.run(5)
  expect(stage.prefetcher.wishes).toMatchObject([
    { ...SHAPE, viewer: { sessionNumber: 'early' }, breakIndex: 3, plan: stage.plans[0] },
  ])
  stage.join('later')
  await stage.run(60)
  stage.join('too late')
  await stage.run(5)
  expect(stage.prefetcher.asked).toEqual(['early', 'later'])
  expect([stage.prefetches.keptFor(early).length, stage.prefetches.keptFor(other).length]).toEqual([1, 0])
})

test.each([
  { shaping: { kind: 'window', durationMs: 20_000 } as const, random: 0.5, seconds: 10 },
  { shaping: { kind: 'window', durationMs: 600_000 } as const, random: 0.999, seconds: 57 },
  { shaping: { kind: 'rate', perSecond: 10, viewers: 300 } as const, random: 0.5, seconds: 15 },
  { shaping: { kind: 'rate', perSecond: 1, viewers: undefined } as const, random: 0.999, seconds: 0 },
])('with $shaping, who draws $random asks $seconds s into the window (ssai §2.4)', async (row) => {
  const stage = new Stage(row.random)
  stage.plans = [stage.plan({ shaping: row.shaping })]
  stage.join('one')
  await stage.run(10 + row.seconds)
  expect(stage.prefetcher.asked).toEqual([])
  await stage.run(1)
  expect(stage.prefetcher.asked).toEqual(['one'])
  const { dueMonotonicMs } = stage.prefetcher.wishes[0]!
  expect(dueMonotonicMs).toBe(70_000)
})

test('a recurring schedule asks after each break and its delay, not before the first one (ssai §2.4)', async () => {
  const stage = new Stage()
  const window = { startMs: stage.startMs, endMs: stage.startMs + 600_000 }
  const recurrence = { delayMs: 5000, keptMs: 60_000 }
  stage.plans = [stage.plan({ retrieval: window, consumption: window, recurrence })]
  const session = stage.join('one')
  await stage.run(20)
  expect(stage.prefetcher.asked).toEqual([])
  stage.prefetches.announce(stage.breakThatEnds('first', 30))
  await stage.run(35)
  expect(stage.prefetcher.asked).toEqual([])
  await stage.run(20)
  expect(stage.prefetcher.asked).toEqual(['one'])
  stage.join('two')
  await stage.run(1)
  stage.prefetches.announce(stage.breakThatEnds('second', 30))
  await stage.run(34)
  expect(stage.prefetcher.asked).toEqual(['one', 'two'])
  await stage.run(20)
  expect(stage.prefetcher.asked).toEqual(['one', 'two', 'one', 'two'])
  expect(stage.prefetches.keptFor(session)).toHaveLength(1)
})

test('a break that was over before a recurring schedule began opens nothing', async () => {
  const stage = new Stage()
  stage.prefetches.announce(stage.breakThatEnds('old', 5))
  stage.plans = [stage.plan({ recurrence: { delayMs: 0, keptMs: Infinity } })]
  stage.join('one')
  await stage.run(30)
  expect(stage.prefetcher.asked).toEqual([])
})

test('what was kept goes when it expires, and when its schedule is deleted', async () => {
  const stage = new Stage()
  stage.prefetcher.untilMs = stage.startMs + 30_000
  stage.plans = [stage.plan(), stage.plan({ id: 'two' })]
  const session = stage.join('one')
  await stage.run(15)
  const kept = (): readonly string[] => stage.prefetches.keptFor(session).map(({ planId }) => planId)
  expect(kept()).toEqual(['one', 'two'])
  stage.plans = [stage.plan({ id: 'two' })]
  await stage.run(1)
  expect(kept()).toEqual(['two'])
  stage.clock.advance(14_001)
  expect(kept()).toEqual([])
})
