import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_REMEMBERED_PICTURES, PictureOrder, type PictureTimes } from './picture-order.ts'

function orderOf(pictures: readonly PictureTimes[]): PictureOrder {
  const order = new PictureOrder()
  for (const picture of pictures) order.feed(picture)
  return order
}

/** I P B B at 30 frames a second, in decoding order, shown two frames late. */
const WITH_B_FRAMES: readonly PictureTimes[] = [
  { dtsTicks: 0, ptsTicks: 6000 },
  { dtsTicks: 3000, ptsTicks: 15_000 },
  { dtsTicks: 6000, ptsTicks: 9000 },
  { dtsTicks: 9000, ptsTicks: 12_000 },
]

describe('resolving', () => {
  test('the i-th picture shown has the i-th decoding time', () => {
    const order = orderOf(WITH_B_FRAMES)
    expect([67, 100, 133, 167].map((ptsMs) => order.resolve(ptsMs))).toEqual([
      { ptsTicks: 6000, dtsTicks: 0 },
      { ptsTicks: 9000, dtsTicks: 3000 },
      { ptsTicks: 12_000, dtsTicks: 6000 },
      { ptsTicks: 15_000, dtsTicks: 9000 },
    ])
  })

  test('may be repeated, as several outputs ask about one picture', () => {
    const order = orderOf(WITH_B_FRAMES)
    expect(order.resolve(100)).toEqual(order.resolve(100))
  })

  test('a picture that nobody asked about keeps its decoding time to itself', () => {
    expect(orderOf(WITH_B_FRAMES).resolve(167)?.dtsTicks).toBe(9000)
  })

  test('finds nothing more than a millisecond away', () => {
    const order = orderOf([{ dtsTicks: 0, ptsTicks: 9000 }])
    expect([98, 99, 100, 101, 102].map((ptsMs) => order.resolve(ptsMs)?.ptsTicks)).toEqual([
      undefined,
      9000,
      9000,
      9000,
      undefined,
    ])
    expect(new PictureOrder().resolve(0)).toBeUndefined()
  })

  test('tells two pictures in one millisecond apart by the decoding time the output had last', () => {
    const order = orderOf([
      { dtsTicks: 9000, ptsTicks: 9000 },
      { dtsTicks: 9001, ptsTicks: 9001 },
    ])
    expect(order.resolve(100)?.dtsTicks).toBe(9000)
    expect(order.resolve(100, 9000)?.dtsTicks).toBe(9001)
    expect(order.resolve(100, 9001)).toBeUndefined()
  })
})

describe('releasing', () => {
  test('gives and forgets what is shown up to a time, in order', () => {
    const order = orderOf(WITH_B_FRAMES)
    expect(order.releaseUpTo(9000)).toEqual([
      { ptsTicks: 6000, dtsTicks: 0 },
      { ptsTicks: 9000, dtsTicks: 3000 },
    ])
    expect(order.releaseUpTo(9000)).toEqual([])
    expect(order.resolve(100)).toBeUndefined()
    expect(order.resolve(133)?.dtsTicks).toBe(6000)
  })
})

test('remembers a bounded number of pictures, the newest', () => {
  const order = new PictureOrder()
  for (let i = 0; i < 3 * MAX_REMEMBERED_PICTURES; i++) order.feed({ dtsTicks: i * 3000, ptsTicks: i * 3000 })
  expect(order.size).toBe(MAX_REMEMBERED_PICTURES)
  expect(order.resolve(((2 * MAX_REMEMBERED_PICTURES - 1) * 3000) / 90)).toBeUndefined()
  expect(order.resolve((2 * MAX_REMEMBERED_PICTURES * 3000) / 90)?.dtsTicks).toBe(
    2 * MAX_REMEMBERED_PICTURES * 3000,
  )
})

/** Decoding times that jitter, and groups of pictures shuffled inside as B-frames are. */
const sourceArbitrary = fc
  .record({
    frameTicks: fc.constantFrom(1500, 1501, 3000, 3003, 3600, 3750),
    jitterTicks: fc.constantFrom(0, 45, 90),
    groups: fc.array(fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 40,
    }),
    seeds: fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ frameTicks, jitterTicks, groups, seeds }) => {
    const timeOf = (index: number): number =>
      90_000 + index * frameTicks + (seeds[index % 7] ?? 0) * jitterTicks
    const delayFrames = Math.max(...groups.map((group) => group.length)) - 1
    const pictures: (PictureTimes & { readonly keyframe: boolean })[] = []
    for (const group of groups) {
      const first = pictures.length
      // The first of a group is a keyframe: nothing of the group is shown before it.
      const shownOrder = group.map((_, index) => index).slice(1)
      shownOrder.sort((a, b) => (group[a] ?? 0) - (group[b] ?? 0))
      for (const [index, place] of [0, ...shownOrder].entries()) {
        pictures.push({
          dtsTicks: timeOf(first + index),
          ptsTicks: timeOf(first + place + delayFrames),
          keyframe: index === 0,
        })
      }
    }
    return pictures
  })

describe('any structure of B-frames', () => {
  test('comes out with exact times, decoding times rising and not after the picture is shown', () => {
    const roundings = [Math.round, Math.floor, Math.ceil] as const
    fc.assert(
      fc.property(
        sourceArbitrary,
        fc.constantFrom(...roundings),
        fc.nat({ max: 6 }),
        (source, round, dropped) => {
          const order = orderOf(source)
          const shown = source.map(({ ptsTicks }) => ptsTicks).toSorted((a, b) => a - b)
          const asked = shown.filter((_, index) => dropped === 0 || index % (dropped + 1) !== dropped)
          let lastDtsTicks = -Infinity
          for (const ptsTicks of asked) {
            const times = order.resolve(round(ptsTicks / 90), lastDtsTicks)
            expect(times?.ptsTicks).toBe(ptsTicks)
            expect(times?.dtsTicks).toBe(source[shown.indexOf(ptsTicks)]?.dtsTicks)
            expect(times?.dtsTicks).toBeGreaterThan(lastDtsTicks)
            expect(times?.dtsTicks).toBeLessThanOrEqual(ptsTicks)
            lastDtsTicks = times?.dtsTicks ?? NaN
          }
          for (const { ptsTicks, dtsTicks, keyframe } of source) {
            if (keyframe) expect(order.resolve(round(ptsTicks / 90))?.dtsTicks).toBe(dtsTicks)
          }
        },
      ),
    )
  })

  test('is settled up to the newest decoding time: answers do not change when more is fed', () => {
    fc.assert(
      fc.property(sourceArbitrary, (source) => {
        const whole = orderOf(source)
        const settled = new PictureOrder()
        const released = source.flatMap((picture) => {
          settled.feed(picture)
          return settled.releaseUpTo(picture.dtsTicks)
        })
        released.push(...settled.releaseUpTo(Infinity))
        expect(released).toEqual(whole.releaseUpTo(Infinity))
      }),
    )
  })
})
