/**
 * Counts the source's pictures within each cell of the ladder's own keyframe grid, so that a child that starts in the
 * middle of a cell leaves out the same pictures as the one before it.
 */
import { OWN_KEYFRAME_MS } from '../domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'

/** Keyframes that are remembered: a new child starts at one of them. */
const MAX_KEYFRAMES = 64

/** One stream's count. */
export class GridCount {
  #cell: number | undefined
  #pictures = 0
  #keyframes: { readonly ptsTicks: number; readonly index: number }[] = []

  /** Takes the source's next picture in decoding order. */
  feed({ ptsTicks, keyframe }: Pick<AccessUnit, 'ptsTicks' | 'keyframe'>): void {
    // Pictures that are shown after a keyframe are also decoded after it, so at keyframes the count is exact.
    const cell = cellOf(ptsTicks)
    if (this.#cell === undefined || cell > this.#cell) {
      this.#cell = cell
      this.#pictures = 0
    }
    if (keyframe) {
      this.#keyframes = [...this.#keyframes, { ptsTicks, index: this.#pictures }].slice(-MAX_KEYFRAMES)
    }
    if (cell === this.#cell) this.#pictures++
  }

  /** Pictures shown in the cell before the keyframe of that time. */
  indexInCell(ptsTicks: number): number {
    return this.#keyframes.find((keyframe) => keyframe.ptsTicks === ptsTicks)?.index ?? 0
  }
}

/** Number of the cell in which a picture is shown. */
export function cellOf(ptsTicks: number): number {
  return Math.floor(Math.round((ptsTicks * 1000) / MEDIA_TIMESCALE) / OWN_KEYFRAME_MS)
}
