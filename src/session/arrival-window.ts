/**
 * How much media arrived in the last seconds: sums over slices of about a second, of which the oldest fall out.
 *
 * Pure; `count` is on the packet path and only adds. The caller closes a slice now and then and says what time it is.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import type { AccessUnit } from '../media/access-unit.ts'

/** What arrived in a stretch of time. */
export type Arrivals = {
  /** Length of the stretch by the wall clock. */
  readonly elapsedMs: number
  /** How far the media's own time went on in it. */
  readonly mediaMs: number
  readonly bytes: number
  readonly pictures: number
}

/** Slices that are kept: a little more than the longest stretch that anybody asks for. */
const MAX_SLICES = 16
const NOTHING: Arrivals = { elapsedMs: 0, mediaMs: 0, bytes: 0, pictures: 0 }

/** The last seconds of one session. Time begins with its first unit. */
export class ArrivalWindow {
  readonly #slices: Arrivals[] = []
  #openedAtMs: number | undefined
  #firstTicks = 0
  #newestTicks = 0
  #bytes = 0
  #pictures = 0

  /** Adds a unit that has its place on the session's timeline, at its moment of arrival. */
  count(unit: AccessUnit, monotonicMs: number): void {
    if (this.#openedAtMs === undefined) {
      this.#openedAtMs = monotonicMs
      this.#firstTicks = unit.dtsTicks
      this.#newestTicks = unit.dtsTicks
    }
    if (unit.dtsTicks > this.#newestTicks) this.#newestTicks = unit.dtsTicks
    this.#bytes += unit.data.length
    if (unit.kind === 'video') this.#pictures++
  }

  /** Ends the running slice and begins the next one. */
  closeSlice(monotonicMs: number): void {
    if (this.#openedAtMs === undefined) return
    this.#slices.push({
      elapsedMs: monotonicMs - this.#openedAtMs,
      mediaMs: ((this.#newestTicks - this.#firstTicks) * 1000) / MEDIA_TIMESCALE,
      bytes: this.#bytes,
      pictures: this.#pictures,
    })
    if (this.#slices.length > MAX_SLICES) this.#slices.shift()
    this.#openedAtMs = monotonicMs
    this.#firstTicks = this.#newestTicks
    this.#bytes = 0
    this.#pictures = 0
  }

  /** The newest whole slices that last `lengthMs` or a little longer together; all of them when they are too few. */
  last(lengthMs: number): Arrivals {
    let sum = NOTHING
    for (let i = this.#slices.length - 1; i >= 0 && sum.elapsedMs < lengthMs; i--) {
      const slice = this.#slices[i] ?? NOTHING
      sum = {
        elapsedMs: sum.elapsedMs + slice.elapsedMs,
        mediaMs: sum.mediaMs + slice.mediaMs,
        bytes: sum.bytes + slice.bytes,
        pictures: sum.pictures + slice.pictures,
      }
    }
    return sum
  }
}
