/**
 * Gives re-encoded pictures the decoding times of their source.
 *
 * An encoder without B-frames puts pictures out in the order in which they are shown, the source decodes them in another.
 * When the i-th picture shown takes the i-th decoding time, no picture is decoded after it is shown, and a keyframe,
 * which is the i-th in both orders, has exactly the time of its source: segments of both are cut at the same tick.
 *
 * Fed with the source's pictures as they are decoded; asked about a picture when everything shown before it has been
 * fed, which holds for whatever comes out of a decoder. Pictures that nobody asks about are simply passed over.
 */
import { MEDIA_TIMESCALE } from './access-unit.ts'

/** Most pictures that are remembered; the oldest are forgotten first. */
export const MAX_REMEMBERED_PICTURES = 1000

/** A picture's times in 90 kHz ticks. */
export type PictureTimes = { readonly ptsTicks: number; readonly dtsTicks: number }

/** The pictures of one source; any number of outputs may ask. */
export class PictureOrder {
  /** As fed. The two lists are of one length, and entries of one index make a pair. */
  readonly #dtsTicks: number[] = []
  /** Rising. */
  readonly #ptsTicks: number[] = []

  /** Pictures remembered now. */
  get size(): number {
    return this.#ptsTicks.length
  }

  /** Takes the source's next picture in decoding order. */
  feed({ ptsTicks, dtsTicks }: PictureTimes): void {
    this.#dtsTicks.push(dtsTicks)
    const shown = this.#ptsTicks
    let at = shown.length
    while (at > 0 && (shown[at - 1] ?? 0) > ptsTicks) at--
    shown.splice(at, 0, ptsTicks)
    if (shown.length > MAX_REMEMBERED_PICTURES) this.#take(1)
  }

  /**
   * The exact times of the picture shown at about `ptsMs`; undefined when none within a millisecond is remembered.
   *
   * @param ptsMs presentation time in whole milliseconds, rounded either way.
   * @param afterDtsTicks only pictures decoded later than this: the one that the same output had last, so that two
   *   pictures in one millisecond are told apart and an output's decoding times always rise.
   */
  resolve(ptsMs: number, afterDtsTicks: number = -Infinity): PictureTimes | undefined {
    const wantedTicks = ptsMs * TICKS_PER_MS
    let nearest: PictureTimes | undefined
    for (let at = this.#firstShownFrom(wantedTicks - TICKS_PER_MS); at < this.#ptsTicks.length; at++) {
      const pair = this.#pair(at)
      if (pair.ptsTicks > wantedTicks + TICKS_PER_MS) break
      if (pair.dtsTicks <= afterDtsTicks) continue
      const isNearer =
        !nearest || Math.abs(pair.ptsTicks - wantedTicks) < Math.abs(nearest.ptsTicks - wantedTicks)
      if (isNearer) nearest = pair
    }
    return nearest
  }

  /**
   * Gives out and forgets all pictures shown at `dtsTicks` or before, in the order in which they are shown.
   *
   * With the decoding time of the newest picture fed these are the ones whose order is settled: nothing decoded later
   * is shown earlier.
   */
  releaseUpTo(dtsTicks: number): PictureTimes[] {
    return this.#take(this.#firstShownFrom(dtsTicks + 1))
  }

  #take(count: number): PictureTimes[] {
    const pairs = Array.from({ length: count }, (_, index) => this.#pair(index))
    this.#dtsTicks.splice(0, count)
    this.#ptsTicks.splice(0, count)
    return pairs
  }

  #pair(index: number): PictureTimes {
    return { ptsTicks: this.#ptsTicks[index] ?? 0, dtsTicks: this.#dtsTicks[index] ?? 0 }
  }

  /** Index of the first picture shown at `ticks` or later; the count of pictures when there is none. */
  #firstShownFrom(ticks: number): number {
    let low = 0
    let high = this.#ptsTicks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#ptsTicks[middle] ?? 0) < ticks) low = middle + 1
      else high = middle
    }
    return low
  }
}

const TICKS_PER_MS = MEDIA_TIMESCALE / 1000
