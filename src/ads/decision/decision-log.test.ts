import { expect, test } from 'vitest'
import { uuidOf } from '../session-uuid.ts'
import { testRequest, testSettings } from './decision-fixture.ts'
import { isLogged, notesOf, type AdLogEntry } from './decision-log.ts'

const SESSIONS = Array.from({ length: 4000 }, (_, index) => uuidOf(String(index)))

function drawn(logPercent: number): ReadonlySet<string> {
  const settings = { logPercent, excludedLogEvents: [] }
  return new Set(
    SESSIONS.filter((sessionUuid) => isLogged(settings, { eventType: 'FILLED_AVAIL', sessionUuid })),
  )
}

test('as large a share of sessions is logged as PercentEnabled says, and the same ones every time', () => {
  expect(drawn(0).size).toBe(0)
  expect(drawn(100).size).toBe(SESSIONS.length)
  const [fewer, more] = [drawn(25), drawn(60)]
  expect(fewer.size / SESSIONS.length).toBeCloseTo(0.25, 1)
  expect(more.size / SESSIONS.length).toBeCloseTo(0.6, 1)
  expect([...fewer].every((session) => more.has(session))).toBe(true)
  expect(drawn(25)).toEqual(fewer)
})

test('what a kind that is excluded would tell is not even worked out', () => {
  const entries: AdLogEntry[] = []
  const settings = testSettings({ excludedLogEvents: ['FILLED_AVAIL'] })
  const notes = notesOf((entry) => entries.push(entry), testRequest(), settings)
  notes('FILLED_AVAIL', () => {
    throw new Error('nobody wants to know')
  })
  notes('MAKING_ADS_REQUEST', () => ({ hop: 0 }))
  expect(entries).toMatchObject([
    { eventType: 'MAKING_ADS_REQUEST', breakId: 'abc123DEF456', fields: { hop: 0 } },
  ])
})
