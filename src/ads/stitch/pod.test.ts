import { describe, expect, test } from 'vitest'
import { sampleCreative } from '../../../test/harness/sample-creative.ts'
import type { AdBreak } from '../../domain/ad-break.ts'
import type { GridSegment } from './content-grid.ts'
import { Pod } from './pod.ts'

const SECOND = 90_000
const AD_BREAK: AdBreak = {
  id: 'AbCdEfGhIjKl',
  rollType: 'MIDROLL',
  durationSeconds: 60,
  insertedAtMs: 0,
  targetStartMs: 8000,
  endsAtMs: 68_000,
}

/** Segments of these lengths, each expected to be as long as the one before. */
function grid(...seconds: number[]): GridSegment[] {
  let elapsedTicks = 0
  return seconds.map((length, msn) => {
    const segment = {
      msn,
      startTicks: elapsedTicks,
      elapsedTicks,
      programDateTimeMs: (elapsedTicks * 1000) / SECOND,
      discontinuity: false,
      expectedTicks: (seconds[msn - 1] ?? length) * SECOND,
    }
    elapsedTicks += length * SECOND
    return segment
  })
}

/** Which ad stands at which segment: `1` and `2`, or `-` for content. */
function lay(limitSeconds: number, adSeconds: readonly number[], segments: readonly GridSegment[]): string {
  const entries = adSeconds.map((seconds, index) => ({
    creative: sampleCreative(String(index + 1), seconds),
    ad: undefined,
  }))
  const options = { id: 1, adBreak: AD_BREAK, entries, limitTicks: limitSeconds * SECOND, followsAd: false }
  const pod = new Pod(options)
  for (const segment of segments) pod.extend(segment)
  return segments.map(({ msn }) => pod.slot(msn)?.entry.creative.key ?? '-').join('')
}

describe('ads on the grid of the content', () => {
  const rows = [
    { name: 'take whole segments', limit: 10, ads: [4, 6], seconds: [2, 2, 2, 2, 2, 2], laid: '11222-' },
    { name: 'fill their last one', limit: 10, ads: [3, 5], seconds: [2, 2, 2, 2, 2, 2], laid: '11222-' },
    { name: 'may be a little longer', limit: 10, ads: [4.09], seconds: [2, 2, 2, 2], laid: '11--' },
    {
      name: 'are not begun when they reach too far',
      limit: 7,
      ads: [4, 6],
      seconds: [2, 2, 2, 2],
      laid: '11--',
    },
    { name: 'are not cut once begun', limit: 5, ads: [4], seconds: [1, 1, 1, 0.5, 2, 2], laid: '11111-' },
    {
      name: 'bear a drift',
      limit: 10,
      ads: [4, 6],
      seconds: [2.002, 2.002, 2.002, 2.002, 2.002, 2],
      laid: '11222-',
    },
  ]
  test.each(rows)('$name', ({ limit, ads, seconds, laid }) => {
    expect(lay(limit, ads, grid(...seconds))).toBe(laid)
  })

  test('bring a discontinuity at each beginning and at the return, where the content has none (reference ssai §6)', () => {
    const entries = [4, 2].map((seconds) => ({ creative: sampleCreative('a', seconds), ad: undefined }))
    const limitTicks = 10 * SECOND
    const pod = new Pod({ id: 1, adBreak: AD_BREAK, entries, limitTicks, followsAd: false })
    const segments = grid(2, 2, 2, 2, 2).map((segment) => ({ ...segment, discontinuity: segment.msn === 2 }))
    for (const segment of segments) pod.extend(segment)
    expect(pod.introduced).toEqual([0, 3])
    expect(pod.end?.msn).toBe(3)
  })

  test('are foreseen to their end on the grid as it is, and lie so when it stays', () => {
    const entries = [4, 3].map((seconds) => ({ creative: sampleCreative('a', seconds), ad: undefined }))
    const pod = new Pod({ id: 1, adBreak: AD_BREAK, entries, limitTicks: 10 * SECOND, followsAd: false })
    const [first, ...rest] = grid(2, 2, 2, 2, 2)
    pod.extend(first!)
    const foreseen = pod.foreseen()
    expect([0, 1].map((index) => foreseen.segmentsOf(index).map(({ msn }) => msn))).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(pod.placed).toHaveLength(1)
    for (const segment of rest) pod.extend(segment)
    expect([0, 1].map((index) => pod.segmentsOf(index))).toEqual(
      [0, 1].map((index) => foreseen.segmentsOf(index)),
    )
    expect(pod.foreseen()).toBe(pod)
  })

  test('are seen without a hole, however long segments turn out to be', () => {
    const entries = [{ creative: sampleCreative('a', 9), ad: undefined }]
    const pod = new Pod({ id: 1, adBreak: AD_BREAK, entries, limitTicks: 10 * SECOND, followsAd: false })
    const segments = grid(2, 3, 1, 2.5, 2)
    for (const segment of segments) pod.extend(segment)
    const slots = segments.flatMap(({ msn }) => pod.slot(msn) ?? [])
    for (const [index, slot] of slots.entries()) expect(slot.fromTicks).toBe(slots[index - 1]?.toTicks ?? 0)
  })
})
