import { expect, test } from 'vitest'
import type { OpenSessionFilter, WrittenEntry } from '../domain/stores.ts'
import type { OpenStreamSession } from '../domain/stream-session.ts'
import { endInterruptedSessions } from './end-interrupted.ts'

const OWN: OpenSessionFilter = { nodeId: 'own' }

/** A store with these open sessions, which are open until their end is written. */
function storeOf(sessions: readonly OpenStreamSession[]) {
  const written: WrittenEntry[] = []
  const filters: OpenSessionFilter[] = []
  return {
    written,
    filters,
    listOpen: (filter: OpenSessionFilter, limit: number) => {
      filters.push(filter)
      const ended = new Set(written.map(({ streamId }) => streamId))
      return Promise.resolve(sessions.filter(({ streamId }) => !ended.has(streamId)).slice(0, limit))
    },
    write: (entries: readonly WrittenEntry[]) => Promise.resolve(void written.push(...entries)),
  }
}

test('ends each at its last sign of life, with the events that were missing', async () => {
  const store = storeOf([
    { streamId: 'started', startTimeMs: 2000, lastSeenMs: 9000, lastEventNumber: 2 },
    { streamId: 'created', startTimeMs: undefined, lastSeenMs: 5000, lastEventNumber: 1 },
    { streamId: 'started after the last sign', startTimeMs: 7000, lastSeenMs: 6000, lastEventNumber: 2 },
  ])
  expect(await endInterruptedSessions(store, OWN)).toBe(3)
  const type = 'IVS Stream State Change'
  expect(store.written).toEqual([
    {
      kind: 'changed',
      streamId: 'started',
      endTimeMs: 9000,
      events: [
        { number: 3, name: 'Session Ended', type, timeMs: 9000 },
        { number: 4, name: 'Stream End', type, timeMs: 9000 },
      ],
    },
    {
      kind: 'changed',
      streamId: 'created',
      endTimeMs: 5000,
      events: [{ number: 2, name: 'Session Ended', type, timeMs: 5000 }],
    },
    expect.objectContaining({ streamId: 'started after the last sign', endTimeMs: 7000 }),
  ])
  expect(store.filters[0]).toEqual(OWN)
})

test('ends any number of them', async () => {
  const open = Array.from({ length: 1234 }, (_, index) => ({
    streamId: `st-${index}`,
    startTimeMs: undefined,
    lastSeenMs: 1,
    lastEventNumber: 1,
  }))
  expect(await endInterruptedSessions(storeOf(open), OWN)).toBe(1234)
})
