import { describe, expect, test } from 'vitest'
import { EMPTY_AD_LOG, nextAdLog, type AdLogEvent } from './ad-log.ts'
import type { AdPosition } from './ad-position.ts'

const position = (breakId: string, podIndex: number): AdPosition => ({
  breakId,
  breakDurationMs: 30_000,
  podLength: 2,
  podIndex,
  title: '',
  leftMs: 1000,
})

/** Lines after `events`, oldest first. */
function linesAfter(...events: readonly AdLogEvent[]): string[] {
  const { lines } = events.reduce(nextAdLog, EMPTY_AD_LOG)
  return lines.map(({ text }) => text).reverse()
}

const seen = (atS: number, shown: AdPosition | undefined): AdLogEvent => ({
  kind: 'position',
  position: shown,
  atMs: atS * 1000,
})
const inserted = (atS: number, breakId: string): AdLogEvent => ({
  kind: 'inserted',
  breakId,
  durationS: 30,
  atMs: atS * 1000,
})

describe('nextAdLog', () => {
  test('notes a break once when it is announced, starts and ends', () => {
    const first = position('a', 1)
    expect(
      linesAfter(
        inserted(0, 'a'),
        seen(8, first),
        seen(9, first),
        seen(28, position('a', 2)),
        seen(38, undefined),
      ),
    ).toEqual(['Break of 30 s announced', 'Ad break started, 2 ads, 0:30', 'Ad break ended'])
  })

  test('notes the end of one break and the start of the next at once', () => {
    expect(linesAfter(seen(0, position('a', 1)), seen(1, position('b', 1)))).toEqual([
      'Ad break started, 2 ads, 0:30',
      'Ad break ended',
      'Ad break started, 2 ads, 0:30',
    ])
  })

  test('says so once when an announced break does not show', () => {
    const lines = linesAfter(inserted(0, 'a'), seen(40, undefined), seen(41, undefined), seen(90, undefined))
    expect(lines).toEqual(['Break of 30 s announced', expect.stringContaining('No ads for this viewer')])
  })

  test('says nothing of the kind when the break was seen', () => {
    expect(
      linesAfter(inserted(0, 'a'), seen(8, position('a', 1)), seen(60, undefined), seen(90, undefined)),
    ).toEqual(['Break of 30 s announced', 'Ad break started, 2 ads, 0:30', 'Ad break ended'])
  })

  test('keeps the last six lines', () => {
    const events = Array.from({ length: 20 }, (_, i) => inserted(i, String(i)))
    expect(linesAfter(...events)).toHaveLength(6)
  })

  test('stays the same object while nothing changes', () => {
    const log = nextAdLog(EMPTY_AD_LOG, seen(0, undefined))
    expect(log).toBe(EMPTY_AD_LOG)
  })
})
