import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { startHousekeeping } from './housekeeping.ts'

const DAY_MS = 86_400_000

/** Stores that note what they are asked to do. */
function setUp(options: { oldSessions?: number; failing?: boolean; beaconCutoffMs?: number } = {}) {
  const clock = new ManualClock()
  const calls: unknown[][] = []
  let oldSessions = options.oldSessions ?? 0
  const note = <Result>(call: unknown[], result: Result): Promise<Result> => {
    calls.push(call)
    return options.failing ? Promise.reject(new Error('database away')) : Promise.resolve(result)
  }
  const housekeeping = startHousekeeping({
    nodeId: 'own',
    clock,
    logger: silentLogger,
    streamSessions: {
      markAlive: (nodeId, nowMs) => note(['alive', nodeId, nowMs], undefined),
      listOpen: (filter) => note(['open', filter], []),
      write: () => note(['write'], undefined),
      removeEndedBefore: (cutoffMs, limit) => {
        const removed = Math.min(oldSessions, limit)
        oldSessions -= removed
        return note(['sessions', cutoffMs], removed)
      },
    },
    revocations: { removeBefore: (cutoffMs) => note(['revocations', cutoffMs], 0) },
    eventOutbox: {
      newest: () => note(['newest'], 1_000_007),
      removeBefore: (cutoffMs) => note(['events', cutoffMs], 0),
      removeUpTo: (sequence) => note(['events up to', sequence], 0),
      trimDead: (keep) => note(['dead letters', keep], undefined),
    },
    prefetchSchedules: { removeEndedBefore: (cutoffMs) => note(['schedules', cutoffMs], 0) },
    beacons: {
      memoryCutoffMs: (keep) => note(['beacons to keep', keep], options.beaconCutoffMs ?? 0),
      forgetBefore: (cutoffMs) => note(['beacons', cutoffMs], 0),
    },
    spentTokens: { removeExpiredBefore: (cutoffMs) => note(['spent tokens', cutoffMs], 0) },
  })
  const take = async (name: string): Promise<unknown[][]> => {
    await new Promise((resolve) => setImmediate(resolve))
    return calls.filter(([called]) => called === name)
  }
  return { clock, calls, take, housekeeping, startMs: clock.nowMs() }
}

test('gives a sign of life every ten seconds', async () => {
  const { clock, take, startMs } = setUp()
  expect(await take('alive')).toEqual([['alive', 'own', startMs]])
  clock.advance(10_000)
  expect(await take('alive')).toHaveLength(2)
})

test('ends what other servers left behind, but not what is its own', async () => {
  const { take, startMs } = setUp()
  expect(await take('open')).toEqual([['open', { otherThanNodeId: 'own', silentSinceMs: startMs - 60_000 }]])
})

test('forgets sessions after 60 days, prefetch schedules 7 days after their end, revocations after 48 hours and 10 minutes and spent tokens after their end, once an hour', async () => {
  const { clock, take, startMs } = setUp()
  expect(await take('sessions')).toEqual([['sessions', startMs - 60 * DAY_MS]])
  expect(await take('revocations')).toEqual([['revocations', startMs - 2 * DAY_MS - 600_000]])
  expect(await take('spent tokens')).toEqual([['spent tokens', startMs - 3_600_000]])
  expect(await take('schedules')).toEqual([['schedules', startMs - 7 * DAY_MS]])
  clock.advance(3_600_000)
  expect(await take('sessions')).toHaveLength(2)
})

test('forgets after an hour which beacons were due, and all but the newest half million viewing sessions and breaks', async () => {
  const { take, startMs } = setUp()
  expect(await take('beacons')).toEqual([['beacons', startMs - 3_600_000]])
  expect(await take('beacons to keep')).toEqual([['beacons to keep', 500_000]])
  const beaconCutoffMs = startMs - 60_000
  expect(await setUp({ beaconCutoffMs }).take('beacons')).toEqual([['beacons', beaconCutoffMs]])
})

test('forgets events after a week, and all but the newest million, and old dead letters', async () => {
  const { take, startMs } = setUp()
  expect(await take('events')).toEqual([['events', startMs - 7 * DAY_MS]])
  expect(await take('events up to')).toEqual([['events up to', 7]])
  expect(await take('dead letters')).toEqual([['dead letters', 10_000]])
})

test('forgets all that is old, some at a time', async () => {
  const { take } = setUp({ oldSessions: 1200 })
  expect(await take('sessions')).toHaveLength(3)
})

test('goes on after failures', async () => {
  const { clock, take } = setUp({ failing: true })
  await take('alive')
  clock.advance(10_000)
  expect(await take('alive')).toHaveLength(2)
})

test('stops when it is told to', async () => {
  const { clock, take, housekeeping } = setUp()
  await take('alive')
  housekeeping[Symbol.dispose]()
  expect(clock.pendingTimers).toBe(0)
})
