/**
 * The pictures as a ladder with keyframes of its own shows them: in presentation order, each with the decoding time that
 * its place in that order has, and a keyframe where a cell of the grid begins.
 *
 * The transcoder's encoders follow the same two rules, so their keyframes stand where the plan begins segments. When the
 * source changes, new encoders begin at its next keyframe, wherever that is.
 */
import { OWN_KEYFRAME_MS } from '../domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'
import { PictureOrder, type PictureTimes } from '../media/picture-order.ts'
import type { Picture } from './cut-plan.ts'

/** One stream's grid; feed it the source's pictures in decode order. */
export class GridKeyframes {
  readonly #order = new PictureOrder()
  /** Decoding times of the pictures whose place is not certain yet. */
  #waitingTicks: number[] = []
  #begun = false
  #cell = -1
  #changes = false
  /** Presentation time of the first picture after a change. */
  #changedTicks: number | undefined

  /** The source's parameters are others from its next keyframe on. */
  change(): void {
    this.#changes = true
  }

  /** Takes the next picture in; the result is those whose place is certain now, in presentation order. */
  push(unit: AccessUnit): Picture[] {
    // What comes before the first keyframe cannot be decoded, so no rung will have it.
    if (!this.#begun && !unit.keyframe) return []
    if (this.#changes && this.#begun && unit.keyframe) {
      this.#changes = false
      this.#changedTicks = unit.ptsTicks
    }
    this.#begun = true
    this.#order.feed(unit)
    this.#waitingTicks.push(unit.dtsTicks)
    return this.#release(unit.dtsTicks)
  }

  /** All pictures that still wait: none will follow. */
  flush(): Picture[] {
    return this.#release(Number.MAX_SAFE_INTEGER)
  }

  /** The first decoding time that no picture was given yet. */
  get startTicks(): number | undefined {
    return this.#waitingTicks[0]
  }

  #release(dtsTicks: number): Picture[] {
    const released = this.#order.releaseUpTo(dtsTicks)
    // The order remembers only so many: what it forgot, because it was never due, has no place.
    this.#waitingTicks = this.#waitingTicks.slice(this.#waitingTicks.length - this.#order.size)
    return released.map((times) => this.#place(times))
  }

  #place({ ptsTicks, dtsTicks }: PictureTimes): Picture {
    const ptsMs = Math.round((ptsTicks * 1000) / MEDIA_TIMESCALE)
    const cell = Math.floor(ptsMs / OWN_KEYFRAME_MS)
    const changed = ptsTicks === this.#changedTicks
    const keyframe = changed || cell > this.#cell
    this.#cell = cell
    return { dtsTicks, keyframe, changed }
  }
}
