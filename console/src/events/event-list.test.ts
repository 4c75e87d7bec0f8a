import { expect, test } from 'vitest'
import { MAX_LISTED_EVENTS, nextEventList } from './event-list.ts'
import type { StreamEvent } from './stream-event.ts'

const event = (id: string, atS: number, name = id): StreamEvent => ({
  id,
  type: 'IVS Stream State Change',
  name,
  atMs: atS * 1000,
  facts: {},
})
const happened = (list: readonly StreamEvent[], ...events: readonly StreamEvent[]): readonly StreamEvent[] =>
  events.reduce((known, one) => nextEventList(known, { kind: 'happened', event: one }), list)
const idsOf = (list: readonly StreamEvent[]): readonly string[] => list.map(({ id }) => id)

test('shows the newest event first, and those of one second in the order of their coming', () => {
  expect(idsOf(happened([], event('a', 1), event('b', 1), event('c', 3), event('late', 2)))).toEqual([
    'c',
    'late',
    'b',
    'a',
  ])
})

test('shows an event once however often it is delivered', () => {
  expect(idsOf(happened([], event('a', 1), event('b', 2), event('a', 1)))).toEqual(['b', 'a'])
})

test('puts what is only on record behind, and does not repeat what the stream told', () => {
  const list = happened([], event('live', 5, 'Stream Start'))
  const events = [event('st-1/2', 5, 'Stream Start'), event('st-1/1', 4, 'Session Created')]
  expect(idsOf(nextEventList(list, { kind: 'recorded', events }))).toEqual(['live', 'st-1/1'])
})

test('replaces an event on record by the same one from the stream, which tells more', () => {
  const events = [event('st-1/1', 4, 'Session Created')]
  const list = nextEventList([], { kind: 'recorded', events })
  expect(idsOf(happened(list, event('live', 4, 'Session Created')))).toEqual(['live'])
})

test('drops the oldest when there are too many', () => {
  const many = Array.from({ length: MAX_LISTED_EVENTS + 3 }, (_, index) => event(`e${String(index)}`, index))
  const list = happened([], ...many)
  expect(list).toHaveLength(MAX_LISTED_EVENTS)
  expect(list.at(-1)?.id).toBe('e3')
})
