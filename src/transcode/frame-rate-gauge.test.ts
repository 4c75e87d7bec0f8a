import { describe, expect, test } from 'vitest'
import { FrameRateGauge } from './frame-rate-gauge.ts'

/** A gauge that has seen so many pictures of a rate, with times in whole milliseconds as encoders send them. */
function gaugeAfter(pictures: number, rate: number): FrameRateGauge {
  const gauge = new FrameRateGauge()
  for (let i = 0; i < pictures; i++) gauge.count(Math.round((i * 1000) / rate) * 90)
  return gauge
}

describe('a rate that the source tells', () => {
  test('is taken after eight pictures that agree', () => {
    expect(gaugeAfter(7, 29.97).rate([29.97])).toBeUndefined()
    expect(gaugeAfter(8, 29.97).rate([29.97])).toBe(29.97)
  })

  test('is not taken when the pictures say otherwise: the next one told is, or what is measured', () => {
    expect(gaugeAfter(8, 30).rate([60, 30])).toBe(30)
    expect(gaugeAfter(8, 30).rate([60])).toBeUndefined()
    expect(gaugeAfter(31, 30).rate([60])).toBe(30)
  })
})

describe('a source that tells nothing', () => {
  test.each([10, 15, 23.976, 25, 30, 48, 50, 60])('is measured to %d', (rate) => {
    expect(gaugeAfter(31, rate).rate([undefined])).toBeCloseTo(rate, 1)
  })

  test('at an unusual rate is measured as it is', () => {
    expect(gaugeAfter(31, 40).rate([])).toBeCloseTo(40, 1)
  })

  test('with few pictures a second is measured after a second of them', () => {
    expect(gaugeAfter(2, 1).rate([])).toBeUndefined()
    expect(gaugeAfter(3, 1).rate([])).toBe(1)
  })
})
