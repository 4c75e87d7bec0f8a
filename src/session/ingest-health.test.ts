import { describe, expect, test } from 'vitest'
import type { StreamHealth } from '../domain/live.ts'
import { IngestHealth } from './ingest-health.ts'

const ANNOUNCED = { videoBitrateBps: 900_000, audioBitrateBps: 100_000, frameRate: 30 }

/** Judges windows of 5 s (or `elapsedMs`) in which these parts of 1 Mbps and 30 pictures a second arrived. */
function judge(
  health: IngestHealth,
  part: { bits: number; pictures: number; elapsedMs?: number },
  times = 1,
): StreamHealth {
  const elapsedMs = part.elapsedMs ?? 5000
  for (let i = 0; i < times; i++) {
    health.judge({
      elapsedMs,
      mediaMs: elapsedMs,
      bytes: (part.bits * 1_000_000 * elapsedMs) / 8000,
      pictures: Math.round((part.pictures * 30 * elapsedMs) / 1000),
    })
  }
  return health.current
}

function announced(): IngestHealth {
  const health = new IngestHealth()
  health.expect(ANNOUNCED)
  return health
}

const FULL = { bits: 1, pictures: 1 }

describe('a stream that was announced', () => {
  test('is unknown at first, and healthy once enough of it was seen', () => {
    const health = announced()
    expect(health.current).toBe('UNKNOWN')
    expect(judge(health, { ...FULL, elapsedMs: 1000 })).toBe('UNKNOWN')
    expect(judge(health, { ...FULL, elapsedMs: 2000 })).toBe('HEALTHY')
  })

  test('starves when bits and pictures fall short, also from the beginning', () => {
    expect(judge(announced(), { bits: 0.6, pictures: 0.6, elapsedMs: 2000 })).toBe('STARVING')
    expect(judge(announced(), { bits: 0, pictures: 0 })).toBe('STARVING')
  })

  test('is healthy with few bits for still pictures', () => {
    expect(judge(announced(), { bits: 0.05, pictures: 1 })).toBe('HEALTHY')
  })

  test('is healthy with few pictures of a camera in the dark', () => {
    expect(judge(announced(), { bits: 1, pictures: 0.5 })).toBe('HEALTHY')
  })

  test('keeps its health between the thresholds', () => {
    const between = { bits: 0.8, pictures: 0.8 }
    const health = announced()
    judge(health, FULL)
    expect(judge(health, between)).toBe('HEALTHY')
    judge(health, { bits: 0.7, pictures: 0.7 })
    expect(judge(health, between)).toBe('STARVING')
    expect(judge(health, { bits: 0.95, pictures: 0.95 })).toBe('HEALTHY')
  })

  test('that begins between the thresholds is healthy after a whole window', () => {
    const health = announced()
    expect(judge(health, { bits: 0.8, pictures: 0.8, elapsedMs: 3000 })).toBe('UNKNOWN')
    expect(judge(health, { bits: 0.8, pictures: 0.8 })).toBe('HEALTHY')
  })

  test('with a picture every few seconds does not starve between two of them', () => {
    const health = new IngestHealth()
    health.expect({ frameRate: 0.2, videoBitrateBps: 1_000_000 })
    expect(judge(health, { bits: 0.01, pictures: 0 })).toBe('HEALTHY')
  })
})

describe('a stream that was not announced', () => {
  test('is unknown until there is something to compare with', () => {
    const health = new IngestHealth()
    expect(judge(health, { ...FULL, elapsedMs: 4000 })).toBe('UNKNOWN')
    expect(judge(health, FULL, 2)).toBe('HEALTHY')
  })

  test('starves when it sends less than before', () => {
    const health = new IngestHealth()
    judge(health, FULL, 30)
    expect(judge(health, { bits: 0.6, pictures: 0.6 })).toBe('STARVING')
    expect(judge(health, { bits: 0.6, pictures: 0.6 }, 60)).toBe('STARVING')
    expect(judge(health, FULL)).toBe('HEALTHY')
  })

  test('that sends less for many minutes is that way', () => {
    const health = new IngestHealth()
    judge(health, FULL, 30)
    expect(judge(health, { bits: 0.6, pictures: 0.6 }, 1200)).toBe('HEALTHY')
  })

  test('starves when nothing comes, although nobody knows how much would be enough', () => {
    const health = new IngestHealth()
    expect(judge(health, { bits: 0, pictures: 0 })).toBe('STARVING')
    expect(judge(health, FULL, 3)).toBe('HEALTHY')
  })

  test('is compared anew when it sends another picture', () => {
    const health = new IngestHealth()
    judge(health, FULL, 30)
    health.forget()
    expect(judge(health, { bits: 0.3, pictures: 0.5 }, 2)).toBe('HEALTHY')
  })

  test('is judged by its pictures alone when only their rate was announced, as soon as that tells', () => {
    const health = new IngestHealth()
    health.expect({ frameRate: 30 })
    expect(judge(health, { bits: 0.2, pictures: 1, elapsedMs: 2000 })).toBe('HEALTHY')
  })
})
