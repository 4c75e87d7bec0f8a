/**
 * Puts what a publisher sends onto one clean media timeline.
 *
 * - Time starts at `ORIGIN_TICKS` and never runs backwards within a kind.
 * - When the publisher's clock jumps (an encoder that restarts it), the timeline goes on where it stood, with the pause
 *   that the wall clock measured. Real pauses, where clock and wall agree, stay as they are.
 * - Audio sits on its own sample grid: frames whose times were rounded to milliseconds get their exact place back, and
 *   where sound and picture drift apart, the grid follows slowly.
 *
 * Pure: arrival times are handed in.
 */
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'
import { AudioGrid, type AudioGridOptions, type AudioGridShape } from '../media/audio-grid.ts'

/** Media time of the first unit: room for units of the other kind that are a little older. */
export const ORIGIN_TICKS: number = MEDIA_TIMESCALE

/**
 * What means a new clock: a unit this far behind the newest of its own kind, or of any kind, or this much further ahead
 * than the wall clock moved.
 */
const BACKWARD_JUMP_TICKS = MEDIA_TIMESCALE / 10
const DISORDER_TICKS = 2 * MEDIA_TIMESCALE
const FORWARD_JUMP_TICKS = 10 * MEDIA_TIMESCALE
/** Assumed distance to the next unit when a jump follows at once. */
const MIN_STEP_TICKS = MEDIA_TIMESCALE / 60
/** Encoders round to 1 ms, some to 1/90 s, and some jitter: only what a whole second shows is an error. */
const AUDIO_GRID: AudioGridOptions = {
  toleranceTicks: (MEDIA_TIMESCALE * 30) / 1000,
  meanOverMs: 1000,
  unnoticedMs: 2,
}

/** One session's clock repair; feed it every unit in order of arrival. */
export class StreamTimeline {
  #offsetTicks: number | undefined
  #newestTicks = 0
  #newestArrivalMs = 0
  readonly #newestOfKindTicks = { video: 0, audio: 0 }
  #lastVideoTicks = -1
  #grid: AudioGrid | undefined
  #isNewClock = false
  /** Clock jumps repaired so far. */
  jumps = 0

  /** Audio units from now on are frames of this shape. */
  setAudioGrid(shape: AudioGridShape): void {
    this.#grid = new AudioGrid(shape, AUDIO_GRID)
  }

  /** What comes next is of another publisher, whose clock has nothing to do with that of the one before. */
  restartClock(): void {
    this.#isNewClock = this.#newestTicks > 0
    this.#newestOfKindTicks.video = 0
    this.#newestOfKindTicks.audio = 0
  }

  /** The same unit at its place on the timeline; undefined for one that has none: from before the beginning, or surplus audio. */
  place(unit: AccessUnit, arrivalMs: number): AccessUnit | undefined {
    const dtsTicks = this.#shift(unit, arrivalMs)
    if (dtsTicks < 0) return undefined
    if (unit.kind === 'audio') return this.#placeAudio(unit, dtsTicks)
    // Two pictures never share a decoding time: a duration of zero is not playable.
    const videoTicks = Math.max(dtsTicks, this.#lastVideoTicks + 1)
    this.#lastVideoTicks = videoTicks
    return { ...unit, dtsTicks: videoTicks, ptsTicks: videoTicks + (unit.ptsTicks - unit.dtsTicks) }
  }

  #shift(unit: AccessUnit, arrivalMs: number): number {
    this.#offsetTicks ??= ORIGIN_TICKS - unit.dtsTicks
    let ticks = unit.dtsTicks + this.#offsetTicks
    if (this.#newestTicks > 0) {
      const waitedTicks = Math.max(
        0,
        Math.round(((arrivalMs - this.#newestArrivalMs) * MEDIA_TIMESCALE) / 1000),
      )
      const jumped =
        this.#isNewClock ||
        ticks < this.#newestOfKindTicks[unit.kind] - BACKWARD_JUMP_TICKS ||
        ticks < this.#newestTicks - DISORDER_TICKS ||
        ticks > this.#newestTicks + waitedTicks + FORWARD_JUMP_TICKS
      if (jumped) {
        this.jumps++
        this.#isNewClock = false
        const resumeTicks = this.#newestTicks + Math.max(MIN_STEP_TICKS, waitedTicks)
        this.#offsetTicks += resumeTicks - ticks
        ticks = resumeTicks
      }
    }
    this.#newestOfKindTicks[unit.kind] = ticks
    if (ticks >= this.#newestTicks) {
      this.#newestTicks = ticks
      this.#newestArrivalMs = arrivalMs
    }
    return ticks
  }

  #placeAudio(unit: AccessUnit, dtsTicks: number): AccessUnit | undefined {
    // More frames than time: one is left out, or audio would run ahead of the picture for ever.
    const placedTicks = this.#grid ? this.#grid.place(dtsTicks) : dtsTicks
    return placedTicks === undefined ? undefined : { ...unit, dtsTicks: placedTicks, ptsTicks: placedTicks }
  }
}
