import { expect, test } from 'vitest'
import { DROP_REASONS, DropCounts, dropReporter } from './drops.ts'

test('every reason is there from the beginning', () => {
  expect(new DropCounts().all).toEqual(DROP_REASONS.map((reason) => [reason, 0]))
})

test('sums that grow are counted once', () => {
  const drops = new DropCounts()
  const report = dropReporter(drops, 'ingest-unit')
  report(0)
  report(3)
  report(3)
  report(5)
  dropReporter(drops, 'ingest-unit')(2)
  drops.count('ingest-caption')
  expect(Object.fromEntries(drops.all)).toMatchObject({ 'ingest-unit': 7, 'ingest-caption': 1 })
})

test('a sum that begins anew, as of another stream of one connection, is counted from there', () => {
  const drops = new DropCounts()
  const report = dropReporter(drops, 'ingest-unit')
  report(5)
  report(0)
  report(2)
  expect(Object.fromEntries(drops.all)).toMatchObject({ 'ingest-unit': 7 })
})
