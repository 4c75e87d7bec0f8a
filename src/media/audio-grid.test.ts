import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MEDIA_TIMESCALE } from './access-unit.ts'
import { AudioGrid, type AudioGridOptions, type AudioGridShape } from './audio-grid.ts'

const TICKS_PER_MS = MEDIA_TIMESCALE / 1000
const TOLERANCE_TICKS = 30 * TICKS_PER_MS
const OPTIONS: AudioGridOptions = { toleranceTicks: TOLERANCE_TICKS, meanOverMs: 1000, unnoticedMs: 2 }
/** For times that were on a grid before. */
const QUICK: AudioGridOptions = { toleranceTicks: TOLERANCE_TICKS, meanOverMs: 250, unnoticedMs: 1 }
const START_MS = 1000
const RATES = [8000, 22_050, 44_100, 48_000, 96_000]
const STEREO_48: AudioGridShape = { sampleRate: 48_000, samplesPerFrame: 1024 }

type Placed = { readonly trueMs: number; readonly placedTicks: number | undefined }

/** Places frames for `seconds`, each told at `toldMs` of its true time. */
function placeAll(
  shape: AudioGridShape,
  seconds: number,
  toldMs: (trueMs: number) => number,
  options = OPTIONS,
): Placed[] {
  const grid = new AudioGrid(shape, options)
  const frameMs = (shape.samplesPerFrame * 1000) / shape.sampleRate
  return Array.from({ length: Math.floor((seconds * 1000) / frameMs) }, (_, index) => {
    const trueMs = START_MS + index * frameMs
    return { trueMs, placedTicks: grid.place(Math.round(toldMs(trueMs) * TICKS_PER_MS)) }
  })
}

/** Each frame follows the one before it by its own length, give or take half a percent and the rounding to ticks. */
function expectSeamless(placed: readonly Placed[], { sampleRate, samplesPerFrame }: AudioGridShape): void {
  const frameTicks = (samplesPerFrame * MEDIA_TIMESCALE) / sampleRate
  let worst = 0
  for (const [index, { placedTicks = NaN }] of placed.entries()) {
    const before = placed[index - 1]?.placedTicks
    if (before !== undefined) worst = Math.max(worst, Math.abs(placedTicks - before - frameTicks))
    if (Number.isNaN(placedTicks)) worst = NaN
  }
  expect(worst).toBeLessThanOrEqual(frameTicks * 0.005 + 1)
}

/** Largest distance from where frames should be, in milliseconds, from `fromMs` on. */
function worstErrorMs(
  placed: readonly Placed[],
  shouldBeMs: (trueMs: number) => number,
  fromMs: number,
): number {
  const errors = placed
    .filter(({ trueMs }) => trueMs >= fromMs)
    .map(({ trueMs, placedTicks = NaN }) => Math.abs(placedTicks / TICKS_PER_MS - shouldBeMs(trueMs)))
  return Math.max(...errors)
}

const shapes = fc.record({
  sampleRate: fc.constantFrom(...RATES),
  samplesPerFrame: fc.constantFrom(1024, 960),
})

/** Whole milliseconds, off by one more or less. */
const jitters = fc.infiniteStream(fc.integer({ min: -1, max: 1 }))

function jittered(stream: Iterator<number>): (ms: number) => number {
  return (ms) => Math.round(ms) + Number(stream.next().value)
}

describe('times that are only rounded', () => {
  const roundings = { 'to the nearest': Math.round, downwards: Math.floor, upwards: Math.ceil }
  test.for(Object.keys(roundings))(
    '%s, never move the grid, whatever the rate and the first time',
    (name) => {
      const round = roundings[name as keyof typeof roundings]
      const startsMs = fc.double({ min: 0, max: 1, noNaN: true })
      fc.assert(
        fc.property(shapes, startsMs, (shape, startMs) => {
          const placed = placeAll(shape, 5, (ms) => round(ms + startMs))
          const samples = placed.map(({ placedTicks = NaN }) =>
            Math.round((placedTicks * shape.sampleRate) / MEDIA_TIMESCALE),
          )
          const steps = samples.slice(1).map((sample, index) => sample - (samples[index] ?? NaN))
          // At rates above 90 kHz a sample is shorter than a tick.
          const slack = shape.sampleRate > MEDIA_TIMESCALE ? 2 : 0
          for (const step of steps) expect(Math.abs(step - shape.samplesPerFrame)).toBeLessThanOrEqual(slack)
        }),
        { numRuns: 50 },
      )
    },
  )
})

describe('times that leave the grid', () => {
  test('for good are followed within eight seconds, without a seam and without going past them', () => {
    // With what jitter adds, all below the tolerance.
    const steps = fc.integer({ min: -26, max: 26 })
    fc.assert(
      fc.property(shapes, steps, jitters, (shape, stepMs, jitter) => {
        const wobble = jittered(jitter)
        const stepAtMs = START_MS + 3000
        const sound = (ms: number): number => (ms < stepAtMs ? ms : ms + stepMs)
        const placed = placeAll(shape, 20, (ms) => wobble(sound(ms)))
        expectSeamless(placed, shape)
        expect(worstErrorMs(placed, sound, stepAtMs + 8000)).toBeLessThan(3)
      }),
      { numRuns: 50 },
    )
  })

  test('again and again, as those of a clip that begins anew, are followed each time', () => {
    const sound = (ms: number): number => ms + 20 * Math.floor(ms / 10_000)
    const placed = placeAll(STEREO_48, 120, (ms) => Math.round(sound(ms)))
    expectSeamless(placed, STEREO_48)
    const beforeBorders = placed.filter(({ trueMs }) => trueMs % 10_000 > 9000)
    expect(worstErrorMs(beforeBorders, sound, 10_000)).toBeLessThan(1)
    expect(worstErrorMs(placed, sound, 0)).toBeLessThan(21)
  })

  test('slowly, as those of a clock that runs wrong, are never far away', () => {
    const drifts = fc.integer({ min: -200, max: 200 })
    fc.assert(
      fc.property(shapes, drifts, jitters, (shape, driftPpm, jitter) => {
        const wobble = jittered(jitter)
        const sound = (ms: number): number => ms + (ms * driftPpm) / 1e6
        const placed = placeAll(shape, 600, (ms) => wobble(sound(ms)))
        expectSeamless(placed, shape)
        expect(worstErrorMs(placed, sound, START_MS)).toBeLessThan(3.5)
      }),
      { numRuns: 10 },
    )
  })

  test('as fast as another grid moves are followed within half a frame', () => {
    const frameMs = 1024 / 48
    const first = placeAll(STEREO_48, 20, (ms) => Math.round(ms < 4000 ? ms : ms - frameMs))
    const second = new AudioGrid(STEREO_48, { ...QUICK, toleranceTicks: 960 })
    const placed = first.map(({ placedTicks = NaN }) => ({
      trueMs: placedTicks / TICKS_PER_MS,
      placedTicks: second.place(Math.round(placedTicks / TICKS_PER_MS) * TICKS_PER_MS),
    }))
    expectSeamless(placed, STEREO_48)
    expect(worstErrorMs(placed, (ms) => ms, START_MS)).toBeLessThan(4)
    expect(worstErrorMs(placed, (ms) => ms, 18_000)).toBeLessThan(1.6)
  })

  test('for a moment only do not move it', () => {
    const placed = placeAll(
      STEREO_48,
      10,
      (ms) => ms + (Math.floor(ms / 1000) === 5 && ms % 1000 < 60 ? 25 : 0),
    )
    expect(worstErrorMs(placed, (ms) => ms, START_MS)).toBeLessThan(0.02)
  })

  test('in pairs, two frames at the time of the first, come to lie between', () => {
    const frameMs = 1024 / 48
    const placed = placeAll(STEREO_48, 30, (ms) => {
      const index = Math.round((ms - START_MS) / frameMs)
      return START_MS + (index - (index % 2)) * frameMs
    })
    expectSeamless(placed, STEREO_48)
    expect(worstErrorMs(placed, (ms) => ms - frameMs / 2, 11_000)).toBeLessThan(3)
  })
})

test('a frame that is too late begins a new grid, and one that is too early has no place', () => {
  const grid = new AudioGrid(STEREO_48, OPTIONS)
  expect(grid.nextSample).toBeUndefined()
  expect(grid.place(90_000)).toBe(90_000)
  expect(grid.place(91_920 + TOLERANCE_TICKS)).toBe(91_920)
  expect(grid.place(93_840 + TOLERANCE_TICKS + 15)).toBe(93_840 + TOLERANCE_TICKS + 15)
  expect(grid.place(95_760 - 2)).toBeUndefined()
  expect(grid.nextSample).toBe(((95_760 + TOLERANCE_TICKS + 15) * 48_000) / 90_000)
})
