import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { RevocationList } from './revocation-list.ts'

const HOUR_MS = 3_600_000
const CHANNEL = 'arn:aws:ivs:us-west-2:000000000000:channel/abc'

/** A list over a database that other nodes write to as well. */
function setUp() {
  const clock = new ManualClock()
  const rows: ViewerSessionRevocation[] = []
  const logger = new RecordingLogger()
  const asked: number[] = []
  const database = { isAway: false }
  const list = new RevocationList({
    revocations: {
      listSince: (sinceMs, { after, limit }) => {
        asked.push(clock.nowMs() - sinceMs)
        if (database.isAway) return Promise.reject(new Error('database away'))
        const since = rows.filter(({ revokedAtMs }) => revokedAtMs >= sinceMs)
        const start = Number(after ?? 0)
        const next = start + limit < since.length ? String(start + limit) : undefined
        return Promise.resolve({ items: since.slice(start, start + limit), next })
      },
    },
    clock,
    logger,
  })
  const row = (viewerId: string, ageMs = 0, version = 0): ViewerSessionRevocation => ({
    accountId: '000000000000',
    channelArn: CHANNEL,
    ...{ viewerId, version, revokedAtMs: clock.nowMs() - ageMs },
  })
  const isRevoked = (viewerId: string, viewerSessionVersion = 0): boolean =>
    list.isRevoked({ channelArn: CHANNEL, viewerId, viewerSessionVersion })
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(Math.min(100, ms - passed))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { clock, rows, list, row, isRevoked, pass, database, asked, logger }
}

test('knows everything in force once it has started, however much it is', async () => {
  const { list, rows, row, isRevoked } = setUp()
  for (let index = 0; index < 250; index++) rows.push(row(`viewer ${index}`, index * 60_000))
  rows.push(row('long ago', 48 * HOUR_MS + 11 * 60_000))
  await list.start()
  for (let index = 0; index < 250; index++) expect(isRevoked(`viewer ${index}`)).toBe(true)
  expect(isRevoked('long ago')).toBe(false)
  expect(isRevoked('viewer 1', 1)).toBe(false)
})

test('hears within half a second what another node wrote', async () => {
  const { list, rows, row, isRevoked, pass } = setUp()
  await list.start()
  await pass(5000)
  rows.push(row('ann'))
  await pass(500)
  expect(isRevoked('ann')).toBe(true)
})

test('hears as fast from a node whose clock is ten seconds behind', async () => {
  const { list, rows, row, isRevoked, pass } = setUp()
  await list.start()
  await pass(60_000)
  rows.push(row('ann', 9_500))
  await pass(500)
  expect(isRevoked('ann')).toBe(true)
})

test('hears in the end from a node whose clock is minutes behind', async () => {
  const { list, rows, row, isRevoked, pass } = setUp()
  await list.start()
  await pass(60_000)
  rows.push(row('ann', 10 * 60_000))
  await pass(31_000)
  expect(isRevoked('ann')).toBe(true)
})

test('takes in at once what was revoked here', async () => {
  const { list, row, isRevoked } = setUp()
  await list.start()
  list.note([row('ann', 0, 3)])
  expect([isRevoked('ann', 3), isRevoked('ann', 4)]).toEqual([true, false])
})

test('catches up after the database was away, and complains once', async () => {
  const { list, rows, row, isRevoked, pass, database, logger } = setUp()
  await list.start()
  database.isAway = true
  await pass(60_000)
  rows.push(row('ann', 59_000))
  database.isAway = false
  await pass(500)
  expect(isRevoked('ann')).toBe(true)
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test('forgets a revocation 48 hours and 10 minutes after it was made', async () => {
  const { clock, list, row, isRevoked } = setUp()
  await list.start()
  list.note([row('ann')])
  clock.advance(48 * HOUR_MS)
  expect(isRevoked('ann')).toBe(true)
  clock.advance(21 * 60_000)
  expect(isRevoked('ann')).toBe(false)
})

test('a start without the database fails, rather than let everybody in', async () => {
  const { list, database } = setUp()
  database.isAway = true
  await expect(list.start()).rejects.toThrow('database away')
})

test('asks nothing more when it is disposed', async () => {
  const { clock, list, asked, pass } = setUp()
  await list.start()
  list[Symbol.dispose]()
  asked.length = 0
  await pass(5000)
  expect(asked).toEqual([])
  expect(clock.pendingTimers).toBe(0)
})
