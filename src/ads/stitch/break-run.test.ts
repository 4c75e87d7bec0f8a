/**
 * How many sessions a break asks for at once, and when it counts as settled.
 */
import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import type { LiveMedia } from '../../domain/live.ts'
import { TEST_PROFILE, testRequest, testViewer } from '../decision/decision-fixture.ts'
import { CONTENT } from '../ad-decision.ts'
import { newAdSession, type AdSession } from './ad-session.ts'
import { BreakRun } from './break-run.ts'

const { adBreak } = testRequest()
const MEDIA = { streamId: 'st-1', channel: { arn: 'arn', accountId: '1' } } as LiveMedia

function sessions(count: number): readonly AdSession[] {
  return Array.from({ length: count }, (_, index) =>
    newAdSession(MEDIA, testViewer({ sessionNumber: `session-${index}` }), { wallMs: 0, monotonicMs: 0 }),
  )
}

test('asks for many sessions in steps, and is settled once the last of them is decided', async () => {
  const clock = new ManualClock(adBreak.insertedAtMs)
  const asked: string[] = []
  const run = new BreakRun({
    adBreak,
    decider: {
      decide: ({ viewer }) => {
        asked.push(viewer.sessionNumber)
        return Promise.resolve(CONTENT)
      },
    },
    library: { load: () => Promise.reject(new Error('nothing is shown')) },
    profile: TEST_PROFILE,
    clock,
    segmentMs: 2000,
    onUnfilled: () => undefined,
  })
  let isSettled = false
  run.askAll(sessions(1100))
  const settled = run.settled().then(() => (isSettled = true))
  const counts: (number | boolean)[] = []
  for (let step = 0; step < 4; step++) {
    await new Promise(setImmediate)
    counts.push(asked.length, isSettled)
    clock.advance(10)
  }
  await settled
  // Decisions that are made at once settle nothing while others are not asked for.
  expect(counts).toEqual([250, false, 500, false, 750, false, 1000, false])
  expect(new Set(asked).size).toBe(1100)
})

test('is settled at once when there is nobody to ask for', async () => {
  const run = new BreakRun({
    adBreak,
    decider: { decide: () => Promise.resolve(CONTENT) },
    library: { load: () => Promise.reject(new Error('nothing is shown')) },
    profile: TEST_PROFILE,
    clock: new ManualClock(adBreak.insertedAtMs),
    segmentMs: 2000,
    onUnfilled: () => undefined,
  })
  run.askAll([])
  await expect(run.settled()).resolves.toBeUndefined()
})
