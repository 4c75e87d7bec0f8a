/**
 * Timed metadata of one rendition that no part has taken yet.
 *
 * It waits until the rendition's media has come as far, so every rendition has it in the part of its time, however late
 * that part is written. What belongs into a hole of the plan applies at the beginning of the next part.
 */
import type { TimedMetadata } from '../media/timed-metadata.ts'

/** More than a rendition that is as late as may be can have to wait for. */
const MAX_QUEUED_PIECES = 500

/** A queue that parts take from by time. */
export class MetadataQueue {
  #pieces: TimedMetadata[] = []
  #lastTicks = -Infinity
  /** Pieces that found no room, or no part. */
  dropped = 0

  /** Adds a piece; pieces come in the order of their times. */
  push(piece: TimedMetadata): void {
    this.#pieces.push(piece)
    if (this.#pieces.length <= MAX_QUEUED_PIECES) return
    this.#pieces.shift()
    this.dropped++
  }

  /** Takes the pieces of a part out, none before its start and no two at one time. */
  take(startTicks: number, endTicks: number): TimedMetadata[] {
    return this.#takeBefore(endTicks).map((piece) => {
      const ptsTicks = Math.max(piece.ptsTicks, startTicks, this.#lastTicks + 1)
      this.#lastTicks = ptsTicks
      return ptsTicks === piece.ptsTicks ? piece : { ...piece, ptsTicks }
    })
  }

  /** Forgets the pieces before `endTicks`: the rendition has no part for them. */
  dropBefore(endTicks: number): void {
    this.dropped += this.#takeBefore(endTicks).length
  }

  #takeBefore(endTicks: number): TimedMetadata[] {
    const at = this.#pieces.findIndex(({ ptsTicks }) => ptsTicks >= endTicks)
    const taken = at < 0 ? this.#pieces : this.#pieces.slice(0, at)
    if (taken.length > 0) this.#pieces = at < 0 ? [] : this.#pieces.slice(at)
    return taken
  }
}
