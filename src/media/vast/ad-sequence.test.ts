import { expect, test } from 'vitest'
import { sequenceAds } from './ad-sequence.ts'
import type { AdSequence, SequenceMode } from './ad-sequence.ts'
import { AD_SERVER, companionOnly, inline, resolve, vast, wrapper } from './ad-server-fixture.ts'

/** Goes through a sequence and refuses the ads in `unready`. */
function walk(sequence: AdSequence, unready: readonly string[] = []): readonly string[] {
  const offered: string[] = []
  for (let ad = sequence.next(); ad; ad = sequence.next()) {
    const isRefused = unready.includes(ad.adId)
    offered.push(isRefused ? `(${ad.adId})` : ad.adId)
    if (isRefused) sequence.refuse()
  }
  return offered
}

function offer(
  mode: SequenceMode,
  documents: Parameters<typeof resolve>[0],
  unready?: readonly string[],
): readonly string[] {
  return walk(sequenceAds(resolve(documents).resolution.slots, mode), unready)
}

const BUFFET = {
  [AD_SERVER]: vast(
    inline({ id: 'alone-1' }),
    inline({ id: 'third', sequence: 3 }),
    inline({ id: 'first', sequence: 1 }),
    inline({ id: 'alone-2' }),
    inline({ id: 'second', sequence: 2 }),
  ),
}

test('offers all ads in the order of the document when sequences are ignored', () => {
  const all = ['alone-1', 'third', 'first', 'alone-2', 'second']
  expect(offer('ignore', BUFFET)).toEqual(all)
  expect(offer('ignore', BUFFET, ['third'])).toEqual(['alone-1', '(third)', 'first', 'alone-2', 'second'])
})

test('offers the pod in its own order, and no stand-alone ad while none is refused', () => {
  expect(offer('follow', BUFFET)).toEqual(['first', 'second', 'third'])
})

test('offers stand-alone ads in place of a refused one until one is taken, each once', () => {
  expect(offer('follow', BUFFET, ['second'])).toEqual(['first', '(second)', 'alone-1', 'third'])
  expect(offer('follow', BUFFET, ['first', 'alone-1'])).toEqual([
    '(first)',
    '(alone-1)',
    'alone-2',
    'second',
    'third',
  ])
  expect(offer('follow', BUFFET, ['first', 'second', 'third'])).toEqual([
    '(first)',
    'alone-1',
    '(second)',
    'alone-2',
    '(third)',
  ])
})

test('offers nothing when no ad has a sequence and sequences are followed', () => {
  expect(offer('follow', { [AD_SERVER]: vast(inline({ id: 'a' }), inline({ id: 'b' })) })).toEqual([])
})

test('fills the place of an ad that failed to resolve', () => {
  const documents = {
    [AD_SERVER]: vast(
      inline({ id: 'spare' }),
      companionOnly({ id: 'x', sequence: 1 }),
      inline({ id: 'b', sequence: 2 }),
    ),
  }
  expect(offer('follow', documents)).toEqual(['spare', 'b'])
})

test('leaves the place of a wrapper empty that forbids fallbackOnNoAd', () => {
  const documents = {
    [AD_SERVER]: vast(
      inline({ id: 'spare' }),
      wrapper({ id: 'w', sequence: 1, attributes: 'fallbackOnNoAd="false"' }, '/none'),
      inline({ id: 'b', sequence: 2 }),
    ),
    'http://ads.test/none': vast(),
  }
  expect(offer('follow', documents)).toEqual(['b'])
  const allowed = { ...documents, [AD_SERVER]: documents[AD_SERVER].replace('"false"', '"true"') }
  expect(offer('follow', allowed)).toEqual(['spare', 'b'])
})

test('puts the pod behind a wrapper into the place of the wrapper', () => {
  const documents = {
    [AD_SERVER]: vast(
      inline({ id: 'last', sequence: 3 }),
      wrapper({ id: 'w', sequence: 2, attributes: 'allowMultipleAds="true"' }, '/pod'),
      inline({ id: 'first', sequence: 1 }),
    ),
    'http://ads.test/pod': vast(inline({ id: 'w-2', sequence: 2 }), inline({ id: 'w-1', sequence: 1 })),
  }
  expect(offer('follow', documents)).toEqual(['first', 'w-1', 'w-2', 'last'])
})

test('keeps the pods of two wrappers without sequence together, one behind the other', () => {
  const attributes = 'allowMultipleAds="true"'
  const documents = {
    [AD_SERVER]: vast(wrapper({ id: 'v', attributes }, '/v'), wrapper({ id: 'w', attributes }, '/w')),
    'http://ads.test/v': vast(inline({ id: 'v-1', sequence: 1 }), inline({ id: 'v-2', sequence: 2 })),
    'http://ads.test/w': vast(inline({ id: 'w-2', sequence: 2 }), inline({ id: 'w-1', sequence: 1 })),
  }
  expect(offer('follow', documents)).toEqual(['v-1', 'v-2', 'w-1', 'w-2'])
})

test('replaces an ad by one of its own document first, then of others', () => {
  const documents = {
    [AD_SERVER]: vast(
      inline({ id: 'outer' }),
      wrapper({ id: 'w', sequence: 1, attributes: 'allowMultipleAds="true"' }, '/pod'),
    ),
    'http://ads.test/pod': vast(inline({ id: 'a', sequence: 1 }), inline({ id: 'inner' })),
  }
  expect(offer('follow', documents, ['a'])).toEqual(['(a)', 'inner'])
  expect(offer('follow', documents, ['a', 'inner'])).toEqual(['(a)', '(inner)', 'outer'])
})
