import { describe, expect, test } from 'vitest'
import { ladderWarning, parseLadderFacts } from './ladder-facts.ts'

test('takes the facts of a ladder', () => {
  const facts = { isBehind: true, lagMs: 1800, givenUp: ['720p60'] }
  expect(parseLadderFacts(facts)).toEqual(facts)
})

test.each([
  null,
  undefined,
  'text',
  {},
  { isBehind: 1, lagMs: 0, givenUp: [] },
  { isBehind: true, lagMs: 1 },
])('gives none for %j', (json) => {
  expect(parseLadderFacts(json)).toBeUndefined()
})

describe('the owner of a channel', () => {
  const calm = { isBehind: false, lagMs: 80, givenUp: [] }
  test('is told nothing while the ladder keeps up, or there is none', () => {
    expect(ladderWarning(calm)).toBe('')
    expect(ladderWarning(undefined)).toBe('')
  })

  test('is told by how much it falls behind', () => {
    expect(ladderWarning({ ...calm, isBehind: true, lagMs: 1840 })).toBe(
      'The ladder is 1.8 s behind the encoder. This machine is too slow for all renditions.',
    )
  })

  test('is told what was given up for that', () => {
    expect(ladderWarning({ ...calm, givenUp: ['720p60', '480p30'] })).toBe(
      'Given up for now: 720p60, 480p30. This machine is too slow for all renditions.',
    )
  })
})
