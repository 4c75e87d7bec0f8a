/**
 * Maps media time to the wall clock for EXT-X-PROGRAM-DATE-TIME: the moment a picture reached the server.
 *
 * Until the first segment is out, the picture that was held up least sets the map: an encoder that was slow to connect
 * sends what waited in a burst, and its first pictures are the latest of all. Afterwards keyframes pull the map slowly,
 * so that an encoder's clock that drifts against ours does not move the reported latency over hours, and a late packet
 * does not make time jump.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'

/** Most the map moves for a second of media. */
const SLEW_MS_PER_SECOND = 1

/** One rendition's map. */
export class WallClockAnchor {
  #offsetMs: number | undefined
  #lastTicks = 0

  /** A picture with decode time `dtsTicks` arrived at `nowMs`, before the map was first used. */
  learn(dtsTicks: number, nowMs: number): void {
    this.#offsetMs = Math.min(this.#offsetMs ?? Infinity, nowMs - milliseconds(dtsTicks))
    this.#lastTicks = dtsTicks
  }

  /** A keyframe with decode time `dtsTicks` arrived at `nowMs`; `learn` came first. */
  observe(dtsTicks: number, nowMs: number): void {
    const offsetMs = this.#offsetMs ?? 0
    const awayMs = nowMs - milliseconds(dtsTicks) - offsetMs
    const roomMs = (Math.max(0, dtsTicks - this.#lastTicks) / MEDIA_TIMESCALE) * SLEW_MS_PER_SECOND
    this.#offsetMs = offsetMs + Math.min(roomMs, Math.max(-roomMs, awayMs))
    this.#lastTicks = dtsTicks
  }

  /** Wall clock of `dtsTicks` in whole milliseconds since the Unix epoch; `learn` came first. */
  wallClockMs(dtsTicks: number): number {
    return Math.round((this.#offsetMs ?? 0) + milliseconds(dtsTicks))
  }
}

function milliseconds(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
