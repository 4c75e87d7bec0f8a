/**
 * How a stream is cut, settled once from its first segment because a playlist must not change it later
 * (rfc8216bis §4.4.3.1, §4.4.3.7). It is the same for all renditions.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'

/** Fixed for the life of a stream. */
export type Cadence = {
  /** EXT-X-TARGETDURATION. */
  readonly targetDurationSeconds: number
  /** Longest segment: what still rounds to the target duration. */
  readonly maxSegmentTicks: number
  /** PART-TARGET in whole milliseconds, and the same in ticks. */
  readonly partTargetMs: number
  readonly partTargetTicks: number
  /** Usual distance of two pictures of the source. */
  readonly frameTicks: number
}

/** What the cadence is read from. */
export type FirstSegment = {
  readonly durationTicks: number
  /** Pictures in it, ≥ 1. */
  readonly frames: number
}

/** How parts are wished to be. */
export type PartWish = {
  /** Length in milliseconds; the part target is the allowed number of frames nearest to it. */
  readonly partMs: number
  /** Parts hold a multiple of this many frames, so that rungs that keep every n-th picture have whole parts too. */
  readonly frameStep: number
}

/** A target duration below this gains nothing: plain players would only reload more often. */
const MIN_TARGET_DURATION_SECONDS = 2
/** The longest target duration; longer keyframe intervals are cut inside (reference ivs-behaviour §1.2, §6.5). */
const MAX_TARGET_DURATION_SECONDS = 6
/** EXTINF rounds to the nearest second; stay clear of the half. */
const ROUNDING_ROOM_TICKS = Math.floor(0.45 * MEDIA_TIMESCALE)
/** Publishers round times to whole milliseconds, so a part may come out this much longer. */
const JITTER_MS = 1
const USUAL_FRAME_RATES = [10, 12, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60]
const RATE_TOLERANCE = 0.0005

/** The first segment may not grow past this before it is cut without a keyframe. */
export const MAX_FIRST_SEGMENT_TICKS: number =
  MAX_TARGET_DURATION_SECONDS * MEDIA_TIMESCALE + ROUNDING_ROOM_TICKS

/** Settles the cadence. */
export function settleCadence(first: FirstSegment, { partMs, frameStep }: PartWish): Cadence {
  const frameTicks = Math.max(1, first.durationTicks / first.frames)
  const targetDurationSeconds = Math.min(
    MAX_TARGET_DURATION_SECONDS,
    Math.max(MIN_TARGET_DURATION_SECONDS, Math.round(first.durationTicks / MEDIA_TIMESCALE)),
  )
  const stepsPerPart = Math.max(1, Math.round((partMs * MEDIA_TIMESCALE) / 1000 / (frameTicks * frameStep)))
  const partMsOfFrames = (stepsPerPart * frameStep * frameTicks * 1000) / MEDIA_TIMESCALE
  const partTargetMs = Math.ceil(Math.round(partMsOfFrames * 100) / 100) + JITTER_MS
  return {
    targetDurationSeconds,
    maxSegmentTicks: targetDurationSeconds * MEDIA_TIMESCALE + ROUNDING_ROOM_TICKS,
    partTargetMs,
    partTargetTicks: (partTargetMs * MEDIA_TIMESCALE) / 1000,
    frameTicks,
  }
}

/** Frames a second at this distance of pictures, on the nearest usual rate; three decimals. */
export function frameRateOf(frameTicks: number): number {
  const rate = MEDIA_TIMESCALE / frameTicks
  const usual = USUAL_FRAME_RATES.find(
    (candidate) => Math.abs(candidate - rate) <= candidate * RATE_TOLERANCE,
  )
  return Math.round((usual ?? rate) * 1000) / 1000
}
