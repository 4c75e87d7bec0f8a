/**
 * The captions of a source, for the pictures that encoders make of it.
 *
 * An encoder may lose captions or move them, and has none for pictures that were left out. So they are taken from the
 * source: each encoded picture carries the captions of its own and of those between it and the one shown before.
 */
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'
import { readCaptions } from '../media/codec/captions.ts'

/** Most pictures whose captions are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED_PICTURES = 1000
/** Captions from before a hole are not worth a burst: a picture takes those of this much time before it. */
const MAX_REACH_TICKS = MEDIA_TIMESCALE / 2

type CaptionedPicture = { readonly ptsTicks: number; readonly constructs: Uint8Array }

/** One source's captions; any number of outputs may ask. */
export class SourceCaptions {
  /** In the order in which they are shown. */
  readonly #pictures: CaptionedPicture[] = []

  /** Takes the source's next picture in decoding order. */
  feed({ ptsTicks, data }: Pick<AccessUnit, 'ptsTicks' | 'data'>): void {
    const constructs = readCaptions(data)
    if (!constructs) return
    const later = this.#pictures.findLastIndex((picture) => picture.ptsTicks <= ptsTicks) + 1
    this.#pictures.splice(later, 0, { ptsTicks, constructs })
    if (this.#pictures.length > MAX_REMEMBERED_PICTURES) this.#pictures.shift()
  }

  /**
   * Captions for a picture of an output, in the order in which they are shown.
   *
   * @param afterTicks when the picture before it in that output is shown.
   */
  between(afterTicks: number, ptsTicks: number): Uint8Array {
    const fromTicks = Math.max(afterTicks, ptsTicks - MAX_REACH_TICKS)
    const found: Uint8Array[] = []
    for (let at = this.#pictures.length - 1; at >= 0; at--) {
      const picture = this.#pictures[at]
      if (!picture || picture.ptsTicks <= fromTicks) break
      if (picture.ptsTicks <= ptsTicks) found.unshift(picture.constructs)
    }
    return Buffer.concat(found)
  }
}
