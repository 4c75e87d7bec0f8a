import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { WatchedStream } from '../domain/viewer-access.ts'
import { Views } from './views.ts'

function stream(streamId: string, accountId = '111111111111'): WatchedStream {
  return { streamId, channel: newChannel({ region: 'us-west-2', accountId, nowMs: 0 }, {}) }
}

const nowhere = (): undefined => undefined

function startViews(): { clock: ManualClock; views: Views } {
  const clock = new ManualClock()
  return { clock, views: new Views(clock) }
}

test('a view counts from its first request on, once however much it fetches', () => {
  const { views } = startViews()
  for (let request = 0; request < 5; request++) views.touch(stream('a'), 'one', nowhere)
  views.touch(stream('a'), 'two', nowhere)
  expect(views.ofStream('a')).toBe(2)
  expect(views.ofStream('b')).toBe(0)
})

test('a view that fetches nothing more is gone within 60 s and not before 15 s (reference ivs-behaviour §6.7)', () => {
  const { clock, views } = startViews()
  views.touch(stream('a'), 'one', nowhere)
  clock.advance(15_000)
  expect([views.ofStream('a'), views.total]).toEqual([1, 1])
  clock.advance(45_000)
  expect([views.ofStream('a'), views.total, views.ofAccount('111111111111')]).toEqual([0, 0, 0])
})

test('a view that goes on fetching stays, whatever leaves beside it', () => {
  const { clock, views } = startViews()
  views.touch(stream('a'), 'stays', nowhere)
  views.touch(stream('a'), 'leaves', nowhere)
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000)
    views.touch(stream('a'), 'stays', nowhere)
  }
  expect(views.ofStream('a')).toBe(1)
  expect(views.total).toBe(1)
})

test('sums go over the streams of each account', () => {
  const { clock, views } = startViews()
  views.touch(stream('a', '1'), 'one', nowhere)
  views.touch(stream('b', '1'), 'one', nowhere)
  views.touch(stream('c', '2'), 'one', nowhere)
  expect([views.ofAccount('1'), views.ofAccount('2'), views.ofAccount('3'), views.total]).toEqual([
    2, 1, 0, 3,
  ])
  clock.advance(20_000)
  views.touch(stream('b', '1'), 'one', nowhere)
  clock.advance(20_000)
  expect([views.ofAccount('1'), views.ofAccount('2'), views.total]).toEqual([1, 0, 1])
})

test('keeps no timer and no memory once everybody has left', () => {
  const { clock, views } = startViews()
  for (let viewer = 0; viewer < 100; viewer++) views.touch(stream('a'), String(viewer), nowhere)
  expect(clock.pendingTimers).toBe(1)
  clock.advance(60_000)
  expect(clock.pendingTimers).toBe(0)
  views.touch(stream('a'), 'back', nowhere)
  expect(views.ofStream('a')).toBe(1)
})

test('tells apart a hundred thousand views of a stream and no more', () => {
  const { views } = startViews()
  const watched = stream('a')
  for (let viewer = 0; viewer < 100_010; viewer++) views.touch(watched, String(viewer), nowhere)
  expect(views.ofStream('a')).toBe(100_000)
})

test('counts the views of each country for as long as they last, and asks once where a viewer is', () => {
  const { clock, views } = startViews()
  const asked: string[] = []
  const touch = (viewer: string, country?: string): void =>
    views.touch(stream('a'), viewer, () => {
      asked.push(viewer)
      return country
    })
  touch('one', 'DE')
  touch('two', 'DE')
  touch('three', 'JP')
  touch('four')
  expect([...views.countriesOf('a')]).toEqual([
    ['DE', 2],
    ['JP', 1],
  ])
  clock.advance(20_000)
  touch('two')
  clock.advance(20_000)
  expect([...views.countriesOf('a')]).toEqual([['DE', 1]])
  expect(asked).toEqual(['one', 'two', 'three', 'four'])
  expect(views.countriesOf('b').size).toBe(0)
})
