/**
 * The frame rate of a source from its first pictures: what it says of itself when that is true, otherwise what is
 * measured.
 *
 * Encoders announce rates that they do not send, and a ladder planned for twice the rate would leave out every second
 * picture of it.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'

/** So many pictures show whether the announced rate is true. */
const PICTURES_TO_CONFIRM = 8
const CONFIRMED_WITHIN = 0.06
/** So many, or so much time, make a measurement by themselves. */
const PICTURES_TO_MEASURE = 31
const MEASURED_TICKS = MEDIA_TIMESCALE
const MIN_PICTURES = 3
const USUAL_FRAME_RATES = [10, 12, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60]
const USUAL_WITHIN = 0.02

/** One source's gauge. */
export class FrameRateGauge {
  #pictures = 0
  #firstTicks = 0
  #newestTicks = 0

  /** Counts a picture by its decoding time. */
  count(dtsTicks: number): void {
    if (this.#pictures++ === 0) this.#firstTicks = dtsTicks
    this.#newestTicks = dtsTicks
  }

  /**
   * Frames a second, once they are certain.
   *
   * @param told what the source says, best first; entries may be missing.
   */
  rate(told: readonly (number | undefined)[]): number | undefined {
    const measured = this.measured
    if (measured === undefined) return undefined
    if (this.#pictures >= PICTURES_TO_CONFIRM) {
      const confirmed = told.find((rate) => rate !== undefined && isNear(measured, rate, CONFIRMED_WITHIN))
      if (confirmed !== undefined) return confirmed
    }
    const isEnough =
      this.#pictures >= PICTURES_TO_MEASURE || this.#newestTicks - this.#firstTicks >= MEASURED_TICKS
    return isEnough && this.#pictures >= MIN_PICTURES ? measured : undefined
  }

  /** The rate so far, on the nearest usual one; undefined before the second picture. */
  get measured(): number | undefined {
    const ticks = this.#newestTicks - this.#firstTicks
    if (this.#pictures < 2 || ticks <= 0) return undefined
    const rate = ((this.#pictures - 1) * MEDIA_TIMESCALE) / ticks
    const usual = USUAL_FRAME_RATES.filter((candidate) => isNear(rate, candidate, USUAL_WITHIN))
    return usual.toSorted((a, b) => Math.abs(a - rate) - Math.abs(b - rate))[0] ?? rate
  }
}

function isNear(rate: number, other: number, within: number): boolean {
  return Math.abs(rate - other) <= other * within
}
