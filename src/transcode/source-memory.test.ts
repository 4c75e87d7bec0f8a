import { describe, expect, test } from 'vitest'
import {
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
  audioFrames,
} from '../../test/harness/media/sample-tracks.ts'
import { SourceMemory } from './source-memory.ts'

const SECOND = 90_000

/** A memory of `seconds` with a keyframe in each second and three pictures behind it. */
function memoryOf(seconds: number, limits = { maxMs: 12_000, maxBytes: 1_000_000 }): SourceMemory {
  const memory = new SourceMemory(limits)
  memory.setTrack(SAMPLE_VIDEO, 0)
  for (let i = 0; i < seconds * 4; i++)
    memory.push(picture({ dtsTicks: (i * SECOND) / 4, keyframe: i % 4 === 0 }))
  return memory
}

function firstSecond(memory: SourceMemory): number | undefined {
  const ticks = memory.firstPicture?.dtsTicks
  return ticks === undefined ? undefined : ticks / SECOND
}

describe('what is delivered', () => {
  test('is forgotten up to the last keyframe that everything missing needs', () => {
    const memory = memoryOf(5)
    memory.forget({ videoTicks: 3.5 * SECOND, audioTicks: undefined })
    expect(firstSecond(memory)).toBe(3)
    expect([...memory.items()]).toHaveLength(8)
  })

  test('is kept while sound of that time is not', () => {
    const memory = new SourceMemory({ maxMs: 12_000, maxBytes: 1_000_000 })
    const [early, late] = audioFrames(SAMPLE_AUDIO, 2, { firstSample: 48_000 })
    memory.push(picture({ dtsTicks: 0, keyframe: true }))
    if (early && late) for (const frame of [early, late]) memory.push(frame)
    memory.push(picture({ dtsTicks: SECOND, keyframe: true }))
    memory.forget({ videoTicks: 2 * SECOND, audioTicks: early?.ptsTicks })
    expect(firstSecond(memory)).toBe(0)
    memory.forget({ videoTicks: 2 * SECOND, audioTicks: late?.ptsTicks })
    expect(firstSecond(memory)).toBe(1)
  })
})

describe('the bounds', () => {
  test('in time drop the oldest keyframe and what depends on it', () => {
    expect(firstSecond(memoryOf(20, { maxMs: 5000, maxBytes: 1_000_000 }))).toBe(15)
  })

  test('in bytes do the same', () => {
    const bytes = picture({ dtsTicks: 0 }).data.length
    const memory = memoryOf(20, { maxMs: 60_000, maxBytes: 10 * bytes })
    expect([...memory.items()].length).toBeLessThanOrEqual(10)
    expect(firstSecond(memory)).toBe(18)
  })

  test('drop a run of pictures without a keyframe whole, and wait for the next one', () => {
    const memory = new SourceMemory({ maxMs: 1000, maxBytes: 1_000_000 })
    for (let i = 0; i < 10; i++) memory.push(picture({ dtsTicks: (i * SECOND) / 4, keyframe: i === 0 }))
    expect([firstSecond(memory), [...memory.items()].length]).toEqual([undefined, 0])
    memory.push(picture({ dtsTicks: 3 * SECOND, keyframe: true }))
    expect(firstSecond(memory)).toBe(3)
  })
})

test('pictures before the first keyframe are not remembered', () => {
  const memory = new SourceMemory({ maxMs: 1000, maxBytes: 1_000_000 })
  memory.push(picture({ dtsTicks: 0 }))
  expect([...memory.items()]).toEqual([])
})

test('a track that changes is remembered at its place, and each keyframe with the tracks it begins with', () => {
  const memory = memoryOf(1)
  memory.setTrack(SMALL_VIDEO, SECOND)
  memory.push(picture({ dtsTicks: SECOND, keyframe: true }))
  expect([...memory.items()].map(({ kind }) => kind)).toEqual([
    'unit',
    'unit',
    'unit',
    'unit',
    'track',
    'unit',
  ])
  expect(memory.firstTracks.video).toBe(SAMPLE_VIDEO)
  memory.skipFirst()
  expect(memory.firstTracks.video).toBe(SMALL_VIDEO)
})
