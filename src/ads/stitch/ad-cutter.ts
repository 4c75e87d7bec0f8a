/**
 * Cuts a creative where the content is cut: which of its units stand in a part, with the times they have there.
 *
 * Pictures of a segment begin with the keyframe nearest to where the segment lies in the ad, so a grid that does not fit
 * the keyframes moves pictures by a quarter of a second at most, and never adds up. They fill their part: a player that
 * takes the last one to last as long as the one before finds the part as long as it is announced.
 *
 * Sound is moved by half a frame at most, so that it begins with the first picture, and runs through the ad without a
 * seam. A frame of it belongs to the part that it begins in. hls.js joins one's sound to the other's by moving the latter:
 * that of an ad is moved back then, never ahead, and ends with or after the pictures. hls.js looks for the next segment
 * where the shorter of both ends: a hair before the announced end it may find the same one again, and wait.
 *
 * Times are those of the content that the ad stands for, so that time runs on through the whole break.
 */
import { MEDIA_TIMESCALE, type AccessUnit } from '../../media/access-unit.ts'
import { interleave, type TimedUnit } from '../../media/timed-unit.ts'
import type { CreativeRendition } from '../creative-library.ts'

/** Where a segment of an ad lies: in the ad, and in the content's media time. */
export type AdPlace = { readonly offsetTicks: number; readonly startTicks: number }

/** A stretch of a segment, from its beginning. */
export type Stretch = { readonly fromTicks: number; readonly toTicks: number }

type Units = {
  readonly units: readonly AccessUnit[]
  readonly usualTicks: number
  /** A unit that begins so much before a part is counted in. */
  readonly leadTicks: number
}

/** Sound begins so much after the picture: where a frame of it ends with a segment, rounded times shall not end it before. */
const SOUND_DELAY_TICKS = (2 * MEDIA_TIMESCALE) / 1000

/** More than browsers round times by, and as much overlap as hls.js leaves alone. */
const OVERLAP_TICKS = 1

/** Cuts one rendition of a creative. */
export class AdCutter {
  readonly #video: Units | undefined
  readonly #audio: Units
  readonly #keyframes: readonly AccessUnit[]
  readonly #originTicks: number
  readonly #soundOriginTicks: number

  constructor({ video, audio }: CreativeRendition) {
    this.#video = video && picturesOf(video.units)
    const { samplesPerFrame, sampleRate } = audio.track.aac
    const usualTicks = Math.round((samplesPerFrame * MEDIA_TIMESCALE) / sampleRate)
    this.#audio = { units: audio.units, usualTicks, leadTicks: 0 }
    this.#keyframes = video?.units.filter(({ keyframe }) => keyframe) ?? []
    this.#originTicks = (this.#keyframes[0] ?? audio.units[0])?.dtsTicks ?? 0
    const soundFromTicks = this.#originTicks - usualTicks / 2
    const firstFrame = audio.units.find(({ dtsTicks }) => dtsTicks >= soundFromTicks)
    this.#soundOriginTicks = (firstFrame?.dtsTicks ?? this.#originTicks) - SOUND_DELAY_TICKS
  }

  /** What a part is made of, in the order of decoding. */
  units(place: AdPlace, stretch: Stretch): TimedUnit[] {
    const audio = timed(this.#audio, this.#soundOriginTicks + place.offsetTicks, place, stretch)
    const video = this.#video && timed(this.#video, this.#entryTicks(place), place, stretch)
    return video ? interleave(filling(video, place, stretch), audio) : audio
  }

  /** Whether decoding can begin with the part. */
  isIndependent(place: AdPlace, stretch: Stretch): boolean {
    if (!this.#video) return true
    const fromTicks = this.#entryTicks(place)
    return this.#video.units[firstFrom(this.#video, fromTicks + stretch.fromTicks)]?.keyframe ?? true
  }

  /** The time of the keyframe that the segment's pictures begin with. */
  #entryTicks({ offsetTicks }: AdPlace): number {
    const wantedTicks = this.#originTicks + offsetTicks
    let nearest = this.#keyframes[0]
    for (const keyframe of this.#keyframes) {
      const distance = Math.abs(keyframe.dtsTicks - wantedTicks)
      if (distance > Math.abs((nearest?.dtsTicks ?? 0) - wantedTicks)) break
      nearest = keyframe
    }
    return nearest?.dtsTicks ?? wantedTicks
  }
}

/** The units of a stretch of a segment whose media begins at `fromTicks` of the creative. */
function timed(source: Units, fromTicks: number, place: AdPlace, stretch: Stretch): TimedUnit[] {
  const shiftTicks = place.startTicks - fromTicks
  const first = firstFrom(source, fromTicks + stretch.fromTicks)
  const end = firstFrom(source, fromTicks + stretch.toTicks)
  return source.units.slice(first, end).map((unit) => ({
    ...unit,
    dtsTicks: unit.dtsTicks + shiftTicks,
    ptsTicks: unit.ptsTicks + shiftTicks,
    durationTicks: source.usualTicks,
  }))
}

/** `pictures` evenly spread over the stretch, the last two of them so that they reach `OVERLAP_TICKS` past its end. */
function filling(pictures: readonly TimedUnit[], { startTicks }: AdPlace, stretch: Stretch): TimedUnit[] {
  const { length } = pictures
  const wholeTicks = stretch.toTicks - stretch.fromTicks
  const stepTicks = Math.floor(wholeTicks / length)
  const beginTicks = (index: number): number => {
    if (index === length - 1) return wholeTicks - stepTicks
    if (index === length - 2) return Math.max(0, wholeTicks - 2 * stepTicks - OVERLAP_TICKS)
    return Math.floor((index * wholeTicks) / length)
  }
  return pictures.map((unit, index) => {
    const atTicks = index === 0 ? 0 : beginTicks(index)
    const untilTicks = index === length - 1 ? wholeTicks : beginTicks(index + 1)
    const dtsTicks = startTicks + stretch.fromTicks + atTicks
    const ptsTicks = dtsTicks + unit.ptsTicks - unit.dtsTicks
    return { ...unit, dtsTicks, ptsTicks, durationTicks: untilTicks - atTicks }
  })
}

/** A picture that lies nearer to the end of a part than half its length goes into the next. */
function picturesOf(units: readonly AccessUnit[]): Units {
  const wholeTicks = (units.at(-1)?.dtsTicks ?? 0) - (units[0]?.dtsTicks ?? 0)
  const usualTicks = units.length < 2 ? 0 : Math.round(wholeTicks / (units.length - 1))
  return { units, usualTicks, leadTicks: usualTicks / 2 }
}

/** Index of the first unit that does not begin before `fromTicks`, by more than it may. */
function firstFrom({ units, leadTicks }: Units, fromTicks: number): number {
  const wantedTicks = fromTicks - leadTicks
  let low = 0
  let high = units.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((units[middle]?.dtsTicks ?? 0) < wantedTicks) low = middle + 1
    else high = middle
  }
  return low
}
