import { expect, test } from 'vitest'
import type { AudioTrack } from '../../media/access-unit.ts'
import type { LoadedCreative } from '../creative-library.ts'
import { CreativeMemory } from './creative-memory.ts'

const KILOBYTE = 1000

function creative(key: string): LoadedCreative {
  const unit = {
    kind: 'audio',
    dtsTicks: 0,
    ptsTicks: 0,
    keyframe: true,
    data: new Uint8Array(KILOBYTE),
  } as const
  const audio = { track: {} as AudioTrack, units: [unit] }
  // Both renditions have the same sound, which counts once.
  const renditions = new Map(['a', 'b'].map((name) => [name, { video: undefined, audio }]))
  return { key, assetId: key, durationTicks: 1, renditions }
}

function memory(maxIdleBytes: number) {
  const reads: string[] = []
  const read = async (key: string): Promise<LoadedCreative | undefined> => {
    reads.push(key)
    return Promise.resolve(key === 'lost' ? undefined : creative(key))
  }
  return { reads, memory: new CreativeMemory({ read, maxIdleBytes }) }
}

test('reads a creative once for all who ask for it at the same time', async () => {
  const { memory: creatives, reads } = memory(0)
  const [first, second] = await Promise.all([creatives.load('x'), creatives.load('x')])
  expect(first?.media).toBe(second?.media)
  expect(reads).toEqual(['x'])
  first?.release()
  expect(creatives.isHeld('x')).toBe(true)
  second?.release()
  expect(creatives.isHeld('x')).toBe(false)
  expect(creatives.totals).toEqual({ heldCreatives: 0, loadedBytes: 0, idleBytes: 0 })
})

test('keeps those released last, as far as they fit, and all that are held', async () => {
  const { memory: creatives, reads } = memory(3 * KILOBYTE)
  const held = await Promise.all(['a', 'b', 'c', 'd'].map((key) => creatives.load(key)))
  for (const index of [1, 0, 2]) held[index]?.release()
  // 1200 bytes each: two of the three fit.
  expect(creatives.totals).toEqual({ heldCreatives: 1, loadedBytes: 3600, idleBytes: 2400 })
  for (const key of ['a', 'c', 'd', 'b']) await creatives.load(key)
  expect(reads).toEqual(['a', 'b', 'c', 'd', 'b'])
})

test('knows nothing of a creative that cannot be read, and asks again the next time', async () => {
  const { memory: creatives, reads } = memory(0)
  expect(await creatives.load('lost')).toBeUndefined()
  expect(await creatives.load('lost')).toBeUndefined()
  expect(reads).toHaveLength(2)
  expect(creatives.isHeld('lost')).toBe(false)
})
