/**
 * Whatever publisher and transcoder do, the renditions of a stream agree.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LiveRendition, LiveSegment } from '../domain/live.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { tagsIn, type UnitTag } from '../../test/harness/media/tagged-units.ts'
import {
  anyBroadcast,
  STEADY_BROADCAST,
  STEADY_RUNG,
  withoutHoles,
} from '../../test/harness/simulated-broadcasts.ts'
import {
  packageBroadcast,
  type Packaged,
  type SimulatedBroadcast,
} from '../../test/harness/simulated-stream.ts'

const RUNS = 100

test('renditions agree on numbers, times, discontinuities and parts for any source, lag and outage (rfc8216bis §6.2.4)', () => {
  fc.assert(
    fc.property(anyBroadcast, (shape) => {
      const packaged = packageBroadcast(shape)
      expect(packaged.changes).toEqual([])
      expectAgreement(packaged.renditions)
      for (const rendition of packaged.renditions) {
        expectPromisesKept(rendition)
        expectMediaInOrder(rendition)
      }
    }),
    { numRuns: RUNS },
  )
})

const STEADY: SimulatedBroadcast = {
  ...STEADY_BROADCAST,
  source: { ...STEADY_BROADCAST.source, bPictures: 2 },
  rungs: [
    STEADY_RUNG,
    { ...STEADY_RUNG, keepEvery: 2, lagMs: 300 },
    { ...STEADY_RUNG, transcodesAudio: false },
  ],
}

describe('without outages', () => {
  test('no rendition loses or doubles a picture or an audio frame', () => {
    fc.assert(
      fc.property(withoutHoles(anyBroadcast), (shape) => {
        const packaged = packageBroadcast(shape)
        for (const rendition of packaged.renditions) expectNothingLost(rendition, packaged, shape)
      }),
      { numRuns: RUNS },
    )
  })

  test('every rung has the same parts as the source, to the tick', () => {
    const { renditions } = packageBroadcast(STEADY)
    const partTicks = renditions.map((rendition) =>
      rendition.segments().map((segment) => segment.parts.map((part) => part.durationTicks)),
    )
    for (const parts of partTicks) expect(parts).toEqual(partTicks[0])
    // Ten pictures each, in whole milliseconds.
    expect(partTicks[0]?.[0]).toEqual([29_970, 30_060, 29_970, 29_970, 30_060, 29_970])
  })

  test('a ladder with keyframes of its own begins each segment at the first picture of a two-second cell', () => {
    const { renditions } = packageBroadcast({ ...STEADY, keyframes: 'own' })
    const [first] = renditions
    const starts = first?.segments().map((segment) => startOf(segment)?.dtsTicks ?? 0) ?? []
    // Media time begins at one second, so the first cell is half as long as the others.
    expect(starts.map((ticks) => Math.round(ticks / 90))).toEqual([1000, 1967, 3967, 5967, 7967, 9967])
    for (const segment of first?.segments() ?? []) expect(startOf(segment)?.keyframe).toBe(true)
  })
})

function expectAgreement(renditions: readonly LiveRendition[]): void {
  const known = new Map<number, LiveSegment>()
  const numbers = new Map<number, number>()
  for (const rendition of renditions) {
    let discontinuities = rendition.discontinuitySequence()
    for (const [index, segment] of rendition.segments().entries()) {
      expect(segment.msn).toBe((rendition.segments()[0]?.msn ?? 0) + index)
      if (segment.discontinuity) discontinuities++
      expect(discontinuities).toBe(numbers.get(segment.msn) ?? discontinuities)
      numbers.set(segment.msn, discontinuities)
      const other = known.get(segment.msn)
      if (other) expectSame(segment, other)
      // The longest one is the measure: others may have been closed short.
      if (!other || segment.durationTicks > other.durationTicks) known.set(segment.msn, segment)
    }
  }
}

function expectSame(segment: LiveSegment, other: LiveSegment): void {
  expect(segment.programDateTimeMs).toBe(other.programDateTimeMs)
  expect(segment.discontinuity).toBe(other.discontinuity)
  const [fewer, more] = segment.parts.length < other.parts.length ? [segment, other] : [other, segment]
  const ticksOf = ({ parts }: LiveSegment): number[] => parts.map((part) => part.durationTicks)
  expect(ticksOf(fewer)).toEqual(ticksOf(more).slice(0, fewer.parts.length))
  if (segment.gap || other.gap) return
  if (fewer.parts.length === more.parts.length) expect(fewer.durationTicks).toBe(more.durationTicks)
  const [a, b] = [startOf(segment), startOf(other)]
  if (a?.kind === 'video' && b?.kind === 'video') expect(a.dtsTicks).toBe(b.dtsTicks)
}

function expectPromisesKept(rendition: LiveRendition): void {
  expect(rendition.ended()).toBe(true)
  for (const segment of rendition.segments()) {
    expect(segment.complete).toBe(true)
    expect(segment.durationTicks).toBeGreaterThan(0)
    expect(Math.round(segment.durationTicks / MEDIA_TIMESCALE)).toBeLessThanOrEqual(
      rendition.targetDurationSeconds(),
    )
    if (segment.gap) expect(segment.parts).toEqual([])
    for (const part of segment.parts) {
      const isLong = (part.durationTicks * 1000) / MEDIA_TIMESCALE > rendition.partTargetMs()
      // Only a picture, or two that belong together, that stood too long.
      if (isLong && rendition.hasVideo) expect(picturesIn(part.body).length).toBeLessThanOrEqual(2)
    }
  }
}

function expectMediaInOrder(rendition: LiveRendition): void {
  let wasWhole = false
  let last = -Infinity
  for (const segment of rendition.segments()) {
    const pictures = segment.parts.flatMap((part) => picturesIn(part.body))
    if (rendition.hasVideo && !segment.gap && !wasWhole) expect(pictures[0]?.keyframe).toBe(true)
    wasWhole = !segment.gap
    for (const { dtsTicks } of pictures) {
      expect(dtsTicks).toBeGreaterThan(last)
      last = dtsTicks
    }
  }
  const frames = unitsOf(rendition, 'audio')
  expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b))
}

function expectNothingLost(
  rendition: LiveRendition,
  { arrivals }: Packaged,
  shape: SimulatedBroadcast,
): void {
  const [first] = rendition.segments()
  if (!first) return
  const fromTicks = startOf(first)?.dtsTicks ?? 0
  const keepEvery = shape.rungs[Number(rendition.name.slice(1))]?.keepEvery ?? 1
  const sent = arrivals.map(({ unit }) => unit)
  const pictures = sent.filter((unit) => unit.kind === 'video' && unit.dtsTicks >= fromTicks)
  if (rendition.hasVideo && keepEvery === 1) {
    expect(unitsOf(rendition, 'video')).toEqual(pictures.map((unit) => unit.dtsTicks))
  }
  const lastTicks = Math.max(...sent.filter((unit) => unit.kind === 'video').map((unit) => unit.dtsTicks))
  const frames = sent.filter(
    (unit) => unit.kind === 'audio' && unit.dtsTicks >= fromTicks && unit.dtsTicks < lastTicks,
  )
  const kept = new Set(unitsOf(rendition, 'audio'))
  expect(frames.filter((unit) => !kept.has(unit.dtsTicks)).map((unit) => unit.dtsTicks)).toEqual([])
}

function unitsOf(rendition: LiveRendition, kind: UnitTag['kind']): number[] {
  return rendition
    .segments()
    .flatMap((segment) => segment.parts)
    .flatMap((part) => tagsIn(part.body))
    .filter((tag) => tag.kind === kind)
    .map((tag) => tag.dtsTicks)
}

function picturesIn(body: Buffer): UnitTag[] {
  return tagsIn(body).filter((tag) => tag.kind === 'video')
}

function startOf(segment: LiveSegment): UnitTag | undefined {
  const [part] = segment.parts
  return part && tagsIn(part.body)[0]
}
