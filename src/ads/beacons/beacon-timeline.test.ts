import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { REPORTED_EVENTS, someAd, someTracking } from './ad-fixture.ts'
import { beaconTimeline, dueInPiece, type BeaconTimeline } from './beacon-timeline.ts'

/** Names of the events due in each of the pieces. */
function dueNames(timeline: BeaconTimeline, lengthsMs: readonly number[]): readonly (readonly string[])[] {
  let fromMs = 0
  return lengthsMs.map((lengthMs, index) => {
    const toMs = fromMs + lengthMs
    const piece = { fromMs, toMs, isFirst: index === 0, isLast: index === lengthsMs.length - 1 }
    fromMs = toMs
    return dueInPiece(timeline, piece).map(({ event }) => event)
  })
}

const pieces = (count: number, lengthMs: number): readonly number[] => new Array<number>(count).fill(lengthMs)

const TABLE = [
  { durationMs: 20_000, lengths: pieces(10, 2000), inPiece: [1, 3, 5, 8, 10] },
  { durationMs: 20_000, lengths: pieces(5, 4000), inPiece: [1, 2, 3, 4, 5] },
  { durationMs: 10_000, lengths: pieces(5, 2000), inPiece: [1, 2, 3, 4, 5] },
  { durationMs: 6000, lengths: pieces(3, 2000), inPiece: [1, 1, 2, 3, 3] },
  { durationMs: 2000, lengths: pieces(1, 2000), inPiece: [1, 1, 1, 1, 1] },
  { durationMs: 15_000, lengths: pieces(8, 2000), inPiece: [1, 2, 4, 6, 8] },
  // The media may be a little longer than its segments.
  { durationMs: 20_090, lengths: pieces(10, 2000), inPiece: [1, 3, 6, 8, 10] },
  // Parts.
  { durationMs: 2000, lengths: pieces(6, 333), inPiece: [1, 2, 4, 5, 6] },
] as const
test.each(TABLE)(
  'an ad of $durationMs ms reports start, quarters and end in pieces $inPiece (ssai 3.7)',
  ({ durationMs, lengths, inPiece }) => {
    const due = dueNames(beaconTimeline(someAd(), durationMs), lengths)
    const names = ['start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete']
    expect(names.map((name) => due.findIndex((events) => events.includes(name)) + 1)).toEqual(inPiece)
  },
)

test('everything of an ad in one piece comes in the order of its telling', () => {
  const shuffled = someAd({ tracking: someAd().tracking.toReversed() })
  expect(dueNames(beaconTimeline(shuffled, 4000), [4000])).toEqual([REPORTED_EVENTS])
})

test('what only a player can know is not reported, nor an event that nobody wants to know', () => {
  const tracking = [someTracking('mute'), someTracking('start', { urls: [] }), someTracking('progress')]
  expect(beaconTimeline(someAd({ tracking }), 20_000)).toEqual([])
})

test('an event that wrappers want to know too goes to all, as one', () => {
  const tracking = ['http://a.test/1', 'http://b.test/2'].map((url) => someTracking('start', { urls: [url] }))
  expect(beaconTimeline(someAd({ tracking }), 20_000)).toEqual([
    { event: 'start', atMs: 0, urls: ['http://a.test/1', 'http://b.test/2'] },
  ])
})

test('progress is placed by time or share, and never behind the end', () => {
  const offsets = [{ ms: 5000 }, { share: 0.1 }, { ms: 0 }, { ms: 20_001 }, { ms: 20_000 }]
  const tracking = [
    ...offsets.map((offset) => someTracking('progress', { offset })),
    ...['complete', 'firstQuartile', 'start'].map((event) => someTracking(event)),
  ]
  // Of the announced 20 s there are 19.96.
  const due = dueNames(beaconTimeline(someAd({ tracking }), 19_960), pieces(10, 2000))
  expect(due.map((events) => events.join(' '))).toEqual([
    'start progress:0 progress:1996',
    '',
    'firstQuartile progress:5000',
    ...['', '', '', '', '', ''],
    'progress:20000 complete',
  ])
})

test('begin and end of a VMAP break frame what an ad itself reports (ssai 4.7)', () => {
  const tracking = ['breakEnd', 'complete', 'impression', 'breakStart'].map((event) => someTracking(event))
  const names = beaconTimeline(someAd({ tracking }), 2000).map(({ event }) => event)
  expect(names).toEqual(['breakStart', 'impression', 'complete', 'breakEnd'])
})

test('however an ad is cut, each event is due exactly once and in order', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 60 })
  const progress = fc.array(
    fc.oneof(
      fc.record({ ms: fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    ),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 100_000 }), progress, (lengthsMs, durationMs, offsets) => {
      const tracking = [
        ...someAd().tracking,
        ...offsets.map((offset) => someTracking('progress', { offset })),
      ]
      const timeline = beaconTimeline(someAd({ tracking }), durationMs)
      expect(dueNames(timeline, lengthsMs).flat()).toEqual(timeline.map(({ event }) => event))
      const named = timeline.map(({ event }) => event).filter((event) => !event.startsWith('progress'))
      expect(named).toEqual(REPORTED_EVENTS)
    }),
  )
})
