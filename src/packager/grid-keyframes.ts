/**
 * The pictures as a ladder with keyframes of its own shows them: in presentation order, each with the decoding time that
 * its place in that order has, and a keyframe where a cell of the grid begins.
 *
 * The transcoder's encoders follow the same two rules, so their keyframes stand where the plan begins segments.
 */
import { OWN_KEYFRAME_MS } from '../domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'
import { PictureOrder, type PictureTimes } from '../media/picture-order.ts'
import type { Picture } from './cut-plan.ts'

/** One stream's grid; feed it the source's pictures in decode order. */
export class GridKeyframes {
  readonly #order = new PictureOrder()
  #begun = false
  #cell = -1

  /** Takes the next picture in; the result is those whose place is certain now, in presentation order. */
  push(unit: AccessUnit): Picture[] {
    // What comes before the first keyframe cannot be decoded, so no rung will have it.
    if (!this.#begun && !unit.keyframe) return []
    this.#begun = true
    this.#order.feed(unit)
    return this.#order.releaseUpTo(unit.dtsTicks).map((times) => this.#place(times))
  }

  /** All pictures that still wait: none will follow. */
  flush(): Picture[] {
    return this.#order.releaseUpTo(Number.MAX_SAFE_INTEGER).map((times) => this.#place(times))
  }

  #place({ ptsTicks, dtsTicks }: PictureTimes): Picture {
    const ptsMs = Math.round((ptsTicks * 1000) / MEDIA_TIMESCALE)
    const cell = Math.floor(ptsMs / OWN_KEYFRAME_MS)
    const keyframe = cell > this.#cell
    this.#cell = cell
    return { dtsTicks, keyframe }
  }
}
