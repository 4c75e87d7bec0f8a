import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHUNK_MS, SampleSeries } from './sample-series.ts'

const T0 = Date.UTC(2026, 0, 1)
const SECONDLY = { slotMs: 1000, merged: false }
const MERGED = { slotMs: 60_000, merged: true }
const all = { fromMs: T0, toMs: T0 + 10 * CHUNK_MS, periodMs: 1000 }

test('gives back each second, and nothing for seconds without a value', () => {
  const series = new SampleSeries(SECONDLY)
  series.record(T0, 0)
  series.record(T0 + 2999, 7.5)
  expect(series.read(all)).toEqual([
    { startMs: T0, count: 1, sum: 0, minimum: 0, maximum: 0 },
    { startMs: T0 + 2000, count: 1, sum: 7.5, minimum: 7.5, maximum: 7.5 },
  ])
})

test('puts seconds together to longer periods, also over the end of a chunk', () => {
  const series = new SampleSeries(SECONDLY)
  for (let second = 595; second < 605; second++) series.record(T0 + second * 1000, second)
  expect(series.read({ ...all, periodMs: 5000 })).toEqual([
    { startMs: T0 + 595_000, count: 5, sum: 2985, minimum: 595, maximum: 599 },
    { startMs: T0 + 600_000, count: 5, sum: 3010, minimum: 600, maximum: 604 },
  ])
})

test('keeps all that is known of many values of a minute', () => {
  const series = new SampleSeries(MERGED)
  for (const value of [3, 1, 2]) series.record(T0 + 61_000, value)
  expect(series.read({ ...all, periodMs: 60_000 })).toEqual([
    { startMs: T0 + 60_000, count: 3, sum: 6, minimum: 1, maximum: 3 },
  ])
})

test('gives the seconds of a period too when they are asked for', () => {
  const series = new SampleSeries(SECONDLY)
  for (const [second, value] of [5, 9, 2].entries()) series.record(T0 + second * 1000, value)
  const one = (value: number): object => ({ count: 1, sum: value, minimum: value, maximum: value })
  expect(series.read({ ...all, periodMs: 2000, withParts: true })).toEqual([
    { startMs: T0, count: 2, sum: 14, minimum: 5, maximum: 9, parts: [one(5), one(9)] },
    { startMs: T0 + 2000, ...one(2), parts: [one(2)] },
  ])
})

test('takes equal values as often as they come at once', () => {
  const series = new SampleSeries(MERGED)
  series.record(T0, 3, 4)
  series.record(T0, 1)
  expect(series.read({ ...all, periodMs: 60_000 })).toEqual([
    { startMs: T0, count: 5, sum: 13, minimum: 1, maximum: 3 },
  ])
})

test('takes the beginning of the span and not its end', () => {
  const series = new SampleSeries(SECONDLY)
  for (let second = 0; second < 5; second++) series.record(T0 + second * 1000, second)
  const points = series.read({ fromMs: T0 + 1000, toMs: T0 + 3000, periodMs: 1000 })
  expect(points.map((point) => point.sum)).toEqual([1, 2])
})

test('forgets a chunk whole', () => {
  const series = new SampleSeries(SECONDLY)
  series.record(T0, 1)
  series.record(T0 + CHUNK_MS, 2)
  series.forget(T0)
  expect(series.read(all).map((point) => point.sum)).toEqual([2])
  expect(series.isEmpty).toBe(false)
  series.forget(T0 + CHUNK_MS)
  expect(series.isEmpty).toBe(true)
})

test('whatever is written in whatever order, periods hold exactly what is in them', () => {
  const write = fc.record({ second: fc.nat(2000), value: fc.integer({ min: -1000, max: 1000 }) })
  const periods = fc.constantFrom(1000, 5000, 60_000, 300_000)
  fc.assert(
    fc.property(fc.array(write), periods, (writes, periodMs) => {
      const series = new SampleSeries({ slotMs: 1000, merged: true })
      const expected = new Map<number, number[]>()
      for (const { second, value } of writes) {
        const timeMs = T0 + second * 1000
        series.record(timeMs, value)
        const startMs = Math.floor(timeMs / periodMs) * periodMs
        expected.set(startMs, [...(expected.get(startMs) ?? []), value])
      }
      const points = [...expected].sort(([left], [right]) => left - right)
      expect(series.read({ ...all, periodMs })).toEqual(
        points.map(([startMs, values]) => ({
          startMs,
          count: values.length,
          sum: values.reduce((left, right) => left + right, 0),
          minimum: Math.min(...values),
          maximum: Math.max(...values),
        })),
      )
    }),
  )
})
