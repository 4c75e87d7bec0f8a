/**
 * Timed metadata through the packager: once on every rendition, in the part of its time.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LiveRendition } from '../domain/live.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { EVENT_SCHEME } from '../media/fmp4/event-message.ts'
import { METADATA_OWNER } from '../media/timed-metadata.ts'
import { readMessages, walkBoxes } from '../../test/harness/media/box-walker.ts'
import { tagsIn } from '../../test/harness/media/tagged-units.ts'
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

/** Any broadcast with timed metadata put into it. */
const broadcast = fc
  .tuple(anyBroadcast, fc.array(fc.integer({ min: 0, max: 12_000 }), { maxLength: 60 }))
  .map(([shape, times]) => ({ ...shape, metadataAtMs: times.toSorted((a, b) => a - b) }))

/** A piece as a rendition has it, and the part that it is in. */
type Found = {
  readonly text: string
  readonly ticks: number
  readonly fromTicks: number
  readonly toTicks: number
}

describe('without holes', () => {
  const calm = withoutHoles(broadcast)

  test('each piece is on every rendition exactly once, at its time, in the part of that time', () => {
    fc.assert(
      fc.property(calm, (shape) => {
        const packaged = packageBroadcast(shape)
        const wanted = piecesBeforeTheEnd(packaged)
        for (const rendition of packaged.renditions) {
          if (rendition.segments().length === 0) continue
          const found = piecesOn(rendition)
          expect(found.slice(0, wanted.length).map(({ text }) => text)).toEqual(
            wanted.map(({ text }) => text),
          )
          for (const { ticks, fromTicks, toTicks } of found) {
            expect(ticks).toBeGreaterThanOrEqual(fromTicks)
            expect(ticks).toBeLessThan(toTicks)
          }
        }
        expectSameTicks(packaged.renditions)
      }),
      { numRuns: RUNS },
    )
  })

  test('each segment begins with its clock, the same on every rendition', () => {
    fc.assert(
      fc.property(calm, (shape) => {
        for (const rendition of packageBroadcast(shape).renditions) {
          for (const segment of rendition.segments()) {
            const clocks = segment.parts.map((part) => clocksIn(part.body))
            const ms = Math.round(segment.programDateTimeMs)
            expect(clocks).toEqual(clocks.map((_, index) => (index === 0 ? [ms] : [])))
          }
        }
      }),
      { numRuns: 50 },
    )
  })
})

test('with outages and holes no piece is doubled or out of order, and those on several renditions have one time', () => {
  fc.assert(
    fc.property(broadcast, (shape) => {
      const { renditions } = packageBroadcast(shape)
      for (const rendition of renditions) {
        const numbers = piecesOn(rendition).map(({ text }) => Number(text))
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        const ticks = piecesOn(rendition).map((piece) => piece.ticks)
        expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b))
      }
    }),
    { numRuns: RUNS },
  )
})

const STEADY: SimulatedBroadcast = {
  ...STEADY_BROADCAST,
  rungs: [{ ...STEADY_RUNG, outages: [{ fromMs: 4000, lengthMs: 2500, isMadeUpFor: false }] }],
  metadataAtMs: [1000, 5000, 5100, 9000],
}

test('an outage of a rung costs only that rung its pieces', () => {
  const { renditions } = packageBroadcast(STEADY)
  const texts = renditions.map((rendition) => [
    rendition.name,
    ...piecesOn(rendition).map(({ text }) => text),
  ])
  expect(texts).toEqual([
    ['chunked', '0', '1', '2', '3'],
    ['r0', '0', '3'],
    ['audio_only', '0', '1', '2', '3'],
  ])
})

test('pieces put in a hole of the source apply where it goes on', () => {
  const gaps = [{ atInterval: 2, lengthMs: 6000 }]
  const shape = { ...STEADY, rungs: [], source: { ...STEADY.source, gaps }, metadataAtMs: [6000, 7000] }
  const [source] = packageBroadcast(shape).renditions
  const found = source ? piecesOn(source) : []
  expect(found.map(({ text }) => text)).toEqual(['0', '1'])
})

function piecesOn(rendition: LiveRendition): Found[] {
  const found: Found[] = []
  let startTicks = 0
  for (const segment of rendition.segments()) {
    const first = segment.parts[0] && tagsIn(segment.parts[0].body)[0]
    // Sound may reach over the start of its segment: only pictures say where that is.
    if (first?.kind === 'video') startTicks = first.dtsTicks
    else if (startTicks === 0) startTicks = clockTicks(segment.parts[0]?.body)
    for (const { durationTicks, body } of segment.parts) {
      const toTicks = startTicks + durationTicks
      for (const { time, message } of messagesIn(body)) {
        const text = message.toString('utf8')
        const at = text.indexOf(METADATA_OWNER.api)
        if (at < 0) continue
        const value = text.slice(at + METADATA_OWNER.api.length + 1)
        found.push({ text: value, ticks: time, fromTicks: startTicks, toTicks })
      }
      startTicks = toTicks
    }
  }
  return found
}

function messagesIn(body: Buffer) {
  return readMessages(walkBoxes(body)).filter(({ scheme }) => scheme === EVENT_SCHEME.standard)
}

function clocksIn(body: Buffer): number[] {
  return messagesIn(body).flatMap(({ message }) => {
    const clock = /segmentmetadata\0(.*)$/.exec(message.toString('utf8'))?.[1]
    return clock === undefined ? [] : [(JSON.parse(clock) as { transc_r: number }).transc_r]
  })
}

function clockTicks(body: Buffer | undefined): number {
  return body ? (messagesIn(body)[0]?.time ?? 0) : 0
}

/** Those that some part can hold: the last pictures are shown after the end of the last part's decoding times. */
function piecesBeforeTheEnd({ metadata, arrivals }: Packaged): { readonly text: string }[] {
  const lastTicks = Math.max(
    0,
    ...arrivals.flatMap(({ unit }) => (unit.kind === 'video' ? [unit.dtsTicks] : [])),
  )
  return metadata
    .filter(({ ptsTicks }) => ptsTicks < lastTicks - MEDIA_TIMESCALE / 100)
    .map(({ payload }) => ({ text: Buffer.from(payload).toString() }))
}

function expectSameTicks(renditions: readonly LiveRendition[]): void {
  const known = new Map<string, number>()
  for (const rendition of renditions) {
    for (const { text, ticks } of piecesOn(rendition)) {
      expect(ticks).toBe(known.get(text) ?? ticks)
      known.set(text, ticks)
    }
  }
}
