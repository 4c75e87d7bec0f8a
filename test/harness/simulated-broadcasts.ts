/**
 * Broadcasts to try the packager with: any that a property test may think of, and one that is steady.
 */
import fc from 'fast-check'
import type { SimulatedBroadcast, SimulatedRung } from './simulated-stream.ts'

const outage = fc.record({
  fromMs: fc.integer({ min: 0, max: 15_000 }),
  lengthMs: fc.integer({ min: 50, max: 9000 }),
  isMadeUpFor: fc.boolean(),
})

const rung: fc.Arbitrary<SimulatedRung> = fc.record({
  keepEvery: fc.constantFrom(1, 1, 2),
  lagMs: fc.integer({ min: 20, max: 700 }),
  outages: fc.array(outage, { maxLength: 2 }),
  transcodesAudio: fc.boolean(),
  audioLagMs: fc.integer({ min: 20, max: 700 }),
})

const sourceGap = fc.record({
  atInterval: fc.integer({ min: 1, max: 9 }),
  lengthMs: fc.integer({ min: 300, max: 9000 }),
})

const source = fc.record({
  frameRate: fc.constantFrom(10, 24, 25, 30000 / 1001, 30, 50, 60),
  intervals: fc.array(fc.integer({ min: 4, max: 130 }), { minLength: 4, maxLength: 10 }),
  bPictures: fc.integer({ min: 0, max: 3 }),
  hasAudio: fc.boolean(),
  audioLateMs: fc.integer({ min: -400, max: 400 }),
  gaps: fc.array(sourceGap, { maxLength: 1 }),
})

/** Any source, ladder, lag, hole and outage. */
export const anyBroadcast: fc.Arbitrary<SimulatedBroadcast> = fc.record({
  source,
  keyframes: fc.constantFrom('source', 'own'),
  rungs: fc.array(rung, { minLength: 1, maxLength: 3 }),
  discontinuedAtMs: fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 2 }),
})

/** The same broadcasts with nothing missing: the source has no holes, its rungs no outages. */
export function withoutHoles(broadcasts: fc.Arbitrary<SimulatedBroadcast>): fc.Arbitrary<SimulatedBroadcast> {
  return broadcasts.map((shape) => ({
    ...shape,
    source: { ...shape.source, gaps: [] },
    rungs: shape.rungs.map((one) => ({ ...one, outages: [] })),
  }))
}

/** A rung that keeps every picture, a little behind the source. */
export const STEADY_RUNG: SimulatedRung = {
  keepEvery: 1,
  lagMs: 120,
  outages: [],
  transcodesAudio: true,
  audioLagMs: 60,
}

/** Ten seconds of 30 pictures a second, a keyframe every two seconds, one rung. */
export const STEADY_BROADCAST: SimulatedBroadcast = {
  source: {
    frameRate: 30,
    intervals: [60, 60, 60, 60, 60],
    bPictures: 0,
    hasAudio: true,
    audioLateMs: 10,
    gaps: [],
  },
  keyframes: 'source',
  rungs: [STEADY_RUNG],
  discontinuedAtMs: [],
}
