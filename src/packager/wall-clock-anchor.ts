/**
 * Maps media time to the wall clock for EXT-X-PROGRAM-DATE-TIME: the moment a picture reached the server.
 *
 * The first keyframe sets the map. Later ones pull it slowly, so that an encoder's clock that drifts against ours does
 * not move the reported latency over hours, and a late packet does not make time jump.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'

/** Most the map moves for a second of media. */
const SLEW_MS_PER_SECOND = 1

/** One rendition's map. */
export class WallClockAnchor {
  #offsetMs: number | undefined
  #lastPtsTicks = 0

  /** A keyframe with presentation time `ptsTicks` arrived at `nowMs`. */
  observe(ptsTicks: number, nowMs: number): void {
    const sampleMs = nowMs - (ptsTicks * 1000) / MEDIA_TIMESCALE
    if (this.#offsetMs === undefined) {
      this.#offsetMs = sampleMs
    } else {
      const passedSeconds = Math.max(0, ptsTicks - this.#lastPtsTicks) / MEDIA_TIMESCALE
      const roomMs = passedSeconds * SLEW_MS_PER_SECOND
      this.#offsetMs += Math.min(roomMs, Math.max(-roomMs, sampleMs - this.#offsetMs))
    }
    this.#lastPtsTicks = ptsTicks
  }

  /** Wall clock of `ptsTicks` in whole milliseconds since the Unix epoch; `observe` came first. */
  wallClockMs(ptsTicks: number): number {
    return Math.round((this.#offsetMs ?? 0) + (ptsTicks * 1000) / MEDIA_TIMESCALE)
  }
}
