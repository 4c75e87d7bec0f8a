import { describe, expect, test } from 'vitest'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { METADATA_OWNER } from '../media/timed-metadata.ts'
import { DropCounts } from '../domain/drops.ts'
import { MAX_IN_BAND_BYTES, MAX_IN_BAND_PER_SECOND, MetadataPlacer } from './metadata-placer.ts'

function placerAt(pictureTicks: number): MetadataPlacer {
  const placer = new MetadataPlacer(new DropCounts())
  placer.notePicture(pictureTicks)
  return placer
}

test('a text applies at the newest picture, as UTF-8', () => {
  const placer = placerAt(9000)
  placer.notePicture(12_000)
  expect(placer.put('1 : 0 ⚽')).toEqual({
    ptsTicks: 12_000,
    owner: METADATA_OWNER.api,
    payload: Buffer.from('1 : 0 ⚽', 'utf8'),
  })
})

test('texts at one picture, or at one shown before the last, keep their order by a tick each', () => {
  const placer = placerAt(12_000)
  const first = ['a', 'b'].map((text) => placer.put(text)?.ptsTicks)
  placer.notePicture(9000)
  expect([...first, placer.put('c')?.ptsTicks]).toEqual([12_000, 12_001, 12_002])
})

test('there is no place before the first picture', () => {
  const placer = new MetadataPlacer(new DropCounts())
  expect([placer.put('a'), placer.takeInBand('b')]).toEqual([undefined, undefined])
  expect(placer.counts).toEqual({ metadataPut: 0, metadataInBand: 0, metadataDropped: 1 })
})

describe('texts of the publisher', () => {
  test('have an owner of their own', () => {
    expect(placerAt(0).takeInBand('x')?.owner).toBe(METADATA_OWNER.inBand)
  })

  test('are taken five times in a second of media, and again as that passes', () => {
    const placer = placerAt(0)
    const take = (): boolean => placer.takeInBand('x') !== undefined
    expect(Array.from({ length: 7 }, take)).toEqual([true, true, true, true, true, false, false])
    placer.notePicture(MEDIA_TIMESCALE - 1)
    expect(take()).toBe(false)
    placer.notePicture(MEDIA_TIMESCALE)
    expect(Array.from({ length: MAX_IN_BAND_PER_SECOND + 1 }, take).filter(Boolean)).toHaveLength(5)
    expect(placer.counts).toEqual({ metadataPut: 0, metadataInBand: 10, metadataDropped: 4 })
  })

  test('are at most 1 KB of UTF-8 and not empty', () => {
    const placer = placerAt(0)
    const taken = ['x'.repeat(MAX_IN_BAND_BYTES), 'é'.repeat(MAX_IN_BAND_BYTES / 2 + 1), ''].map(
      (text) => placer.takeInBand(text) !== undefined,
    )
    expect(taken).toEqual([true, false, false])
  })

  test('leave the calls of PutMetadata their own room', () => {
    const placer = placerAt(0)
    for (let call = 0; call < 100; call++) placer.takeInBand('x')
    expect(placer.put('y')).toBeDefined()
  })
})
