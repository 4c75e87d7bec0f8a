import { expect, test } from 'vitest'
import type { MetricPoint } from '../../domain/metrics.ts'
import { readDistribution } from './distribution-statistics.ts'

const part = (value: number, count = 1) => ({ count, sum: value * count, minimum: value, maximum: value })
const point = (...values: readonly number[]): MetricPoint => ({
  ...{ startMs: 0, count: 0, sum: 0, minimum: 0, maximum: 0 },
  parts: values.map((value) => part(value)),
})
/** One to ten, in no order. */
const TEN = point(7, 1, 10, 4, 2, 9, 3, 8, 6, 5)

test.each([
  ['p0', 1],
  ['p50', 5],
  ['p90', 9],
  ['p90.5', 10],
  ['p99', 10],
  ['p100', 10],
  ['tm90', 5],
  ['TM(10%:90%)', 5.5],
  ['TM(20%:)', 6.5],
  ['TM(:50%)', 3],
  ['TM(2:5)', 4],
  ['IQM', 5.5],
  ['wm80', 5.2],
  ['WM(10%:90%)', 5.5],
  ['tc90', 9],
  ['TC(3:)', 7],
  ['TC(20:)', 0],
  ['ts50', 15],
  ['TS(8:10)', 19],
  ['PR(:3)', 30],
  ['PR(2:4)', 20],
])('%s of one to ten is %s', (name, expected) => {
  expect(readDistribution(name)?.(TEN)).toBeCloseTo(expected, 10)
})

test('a value that came several times counts as often', () => {
  const weighted = { ...point(), parts: [part(1, 9), part(100)] }
  expect(['p90', 'p91', 'tc90', 'TM(80%:)'].map((name) => readDistribution(name)?.(weighted))).toEqual([
    1, 100, 9, 50.5,
  ])
})

test('there is no mean of nothing', () => {
  expect(readDistribution('TM(20:30)')?.(TEN)).toBeUndefined()
  expect(readDistribution('WM(20:30)')?.(TEN)).toBeUndefined()
})

test('a period of which only the extremes are known has no percentile', () => {
  const merged = { ...point(), parts: [part(5), { count: 2, sum: 3, minimum: 1, maximum: 2 }] }
  expect(readDistribution('p50')?.(merged)).toBeUndefined()
})

test.each([
  'P99',
  'p101',
  'p',
  'p-1',
  'p1.12345678901',
  'tm101',
  'TM(:)',
  'TM(10%:90)',
  'TM(90%:10%)',
  'TM(0%:101%)',
  'PR(10%:20%)',
  'pr50',
  'iqm',
  'constructor',
])('%s is no statistic', (name) => {
  expect(readDistribution(name)).toBeUndefined()
})
