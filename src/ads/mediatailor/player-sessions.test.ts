import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { PlayerSessions, type PlayerSession } from './player-sessions.ts'

const PLACE = { accountHash: 'hash', accountId: '1', configurationName: 'ads', channelArn: 'arn' }
const PARAMETERS = {
  playerParams: {},
  manifestParams: {},
  reportingMode: 'SERVER',
  isGuided: false,
  isGuidedAhead: false,
  token: undefined,
  suppression: undefined,
} as const

function started(lastSeenMs: () => number | undefined = () => undefined) {
  const clock = new ManualClock()
  const sessions = new PlayerSessions({ clock, maxSessions: 3, lastSeenMs })
  return { clock, sessions, begin: () => sessions.begin(PLACE, PARAMETERS) }
}

test('knows a session by its UUID and configuration, and nobody else', () => {
  const { sessions, begin } = started()
  const { uuid } = begin()
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(sessions.find(uuid, PLACE)?.uuid).toBe(uuid)
  expect(sessions.find(uuid, { ...PLACE, configurationName: 'others' })).toBeUndefined()
  expect(sessions.find(uuid, { ...PLACE, accountHash: 'other' })).toBeUndefined()
})

test('ends a session that fetched nothing for five minutes (ssai §3.1)', () => {
  const { clock, sessions, begin } = started()
  const { uuid } = begin()
  clock.advance(299_000)
  expect(sessions.find(uuid, PLACE)).toBeDefined()
  clock.advance(300_000)
  expect(sessions.find(uuid, PLACE)).toBeDefined()
  clock.advance(300_001)
  expect(sessions.find(uuid, PLACE)).toBeUndefined()
  begin()
  expect(sessions.size).toBe(1)
})

test('keeps a session whose media is fetched', () => {
  let seenMs = 0
  const { clock, sessions, begin } = started(() => seenMs)
  const session: PlayerSession = begin()
  session.viewing = { streamId: 'st-a', playlistPaths: [] }
  clock.advance(900_000)
  seenMs = clock.monotonicMs() - 10_000
  expect(sessions.find(session.uuid, PLACE)).toBe(session)
})

test('forgets the session that was not seen for longest when there are too many', () => {
  const { sessions, begin } = started()
  const first = begin()
  const second = begin()
  begin()
  expect(sessions.find(first.uuid, PLACE)).toBeDefined()
  begin()
  expect(sessions.size).toBe(3)
  expect(sessions.find(second.uuid, PLACE)).toBeUndefined()
  expect(sessions.find(first.uuid, PLACE)).toBeDefined()
})
