/**
 * Decoding times of the samples of a fragment in their track's own timescale.
 *
 * `tfdt` is unsigned and durations are too, so times never fall and never lie before zero, whatever the units say;
 * presentation times stay true, because their distance is counted from the time written here.
 *
 * Spec: ISO/IEC 14496-12 §8.8.12.
 */
import { rescaleTicks } from '../../base/ticks.ts'
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { AacConfig } from '../codec/aac.ts'
import type { TimedUnit } from '../timed-unit.ts'

/** Decoding time of each unit and the end of the last, 90 kHz. */
export function videoTimes(units: readonly TimedUnit[]): number[] {
  const times: number[] = []
  let floorTicks = 0
  for (const unit of units) {
    floorTicks = Math.max(floorTicks, unit.dtsTicks)
    times.push(floorTicks)
  }
  times.push(floorTicks + Math.max(0, units.at(-1)?.durationTicks ?? 0))
  return times
}

/**
 * Gets the sample numbers of audio frames back from their times in 90 kHz.
 *
 * A frame that lies where the one before it ended, give or take the tick lost in rounding, continues its count: so
 * sample numbers stay exact also above 90 kHz, where rounding alone could miss by one.
 */
export class AudioSampleGrid {
  readonly #sampleRate: number
  readonly #samplesPerFrame: number
  #nextSample = 0

  constructor(aac: AacConfig) {
    this.#sampleRate = aac.sampleRate
    this.#samplesPerFrame = aac.samplesPerFrame
  }

  /** Sample number of the first sample of each unit and the end of the last, which counts one whole frame. */
  times(units: readonly TimedUnit[]): number[] {
    const times: number[] = []
    let floor = 0
    for (const unit of units) {
      floor = Math.max(floor, this.#sampleAt(unit.dtsTicks))
      times.push(floor)
      this.#nextSample = floor + this.#samplesPerFrame
    }
    times.push(this.#nextSample)
    return times
  }

  #sampleAt(ticks: number): number {
    const expectedTicks = rescaleTicks(this.#nextSample, this.#sampleRate, MEDIA_TIMESCALE)
    if (Math.abs(expectedTicks - ticks) <= 1) return this.#nextSample
    return rescaleTicks(ticks, MEDIA_TIMESCALE, this.#sampleRate)
  }
}
