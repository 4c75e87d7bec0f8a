import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import type { MetricSeries } from '../domain/metrics.ts'
import { MetricStore, RETENTION_MS } from './metric-store.ts'
import { CHUNK_MS } from './sample-series.ts'

const OURS = '111111111111'
const THEIRS = '222222222222'
const MAX_BYTES = 1024 * 1024

const ofChannel = (id: string, metric: MetricSeries['metric'] = 'IngestBitrate'): MetricSeries => ({
  metric,
  dimensions: [{ name: 'Channel', value: id }],
})

function open(maxBytes = MAX_BYTES) {
  const clock = new ManualClock()
  const store = new MetricStore({ clock, maxBytes })
  const record = (series: MetricSeries, value: number, accountId = OURS) =>
    store.record(accountId, series, clock.nowMs(), value)
  const read = (series: MetricSeries, periodMs = 1000, accountId = OURS) =>
    store
      .read(accountId, series, { fromMs: 0, toMs: clock.nowMs() + 1, periodMs })
      .map(({ count, sum }) => [count, sum])
  return { clock, store, record, read }
}

test('keeps accounts, channels and metrics apart', () => {
  const { store, record, read } = open()
  record(ofChannel('a'), 1)
  record(ofChannel('b'), 2)
  record(ofChannel('a', 'IngestFramerate'), 3)
  record(ofChannel('a'), 4, THEIRS)
  expect(read(ofChannel('a'))).toEqual([[1, 1]])
  expect(read(ofChannel('a'), 1000, THEIRS)).toEqual([[1, 4]])
  expect(read(ofChannel('c'))).toEqual([])
  expect(store.series(OURS)).toEqual([ofChannel('a'), ofChannel('b'), ofChannel('a', 'IngestFramerate')])
  expect(store.series('333333333333')).toEqual([])
})

test('a channel has one bit rate a second, an account has that of each channel, views are of whole minutes', () => {
  const { record, read, clock } = open()
  const ofAccount: MetricSeries = { metric: 'IngestBitrate', dimensions: [] }
  const views = ofChannel('a', 'ConcurrentViews')
  for (const value of [10, 20]) for (const series of [ofChannel('a'), ofAccount, views]) record(series, value)
  clock.advance(1000)
  record(views, 60)
  expect(read(ofChannel('a'))).toEqual([[1, 20]])
  expect(read(ofAccount)).toEqual([[2, 30]])
  expect(read(views)).toEqual([[3, 90]])
})

test('values are kept for three hours, and what has none is forgotten', () => {
  const { store, record, read, clock } = open()
  record(ofChannel('a'), 1)
  clock.advance(RETENTION_MS)
  expect(read(ofChannel('a'))).toEqual([[1, 1]])
  clock.advance(1)
  expect(read(ofChannel('a'))).toEqual([])
  clock.advance(CHUNK_MS)
  expect(store.series(OURS)).toEqual([])
  expect(store.sizeBytes).toBe(0)
})

test('without room for more the oldest goes, and never more is kept than allowed', () => {
  const { store, record, read, clock } = open(10_000)
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
    record(ofChannel(id), 1)
    expect(store.sizeBytes).toBeLessThanOrEqual(10_000)
    clock.advance(1)
  }
  expect(store.series(OURS).map(({ dimensions }) => dimensions[0]?.value)).toEqual(['d', 'e', 'f'])
  // A series whose past went is taken up again.
  record(ofChannel('a'), 2)
  expect(read(ofChannel('a'))).toEqual([[1, 2]])
})

test('a series that alone is too large keeps its newest ten minutes', () => {
  const { store, record, read, clock } = open(1)
  record(ofChannel('a'), 1)
  clock.advance(CHUNK_MS)
  record(ofChannel('a'), 2)
  expect(read(ofChannel('a'))).toEqual([[1, 2]])
  expect(store.series(OURS)).toHaveLength(1)
})
