/**
 * Where a stream is cut: the words in which the planner tells every rendition of it.
 *
 * All times are decoding times of the source in 90 kHz ticks. A rendition follows the plan as far as its own media has
 * come, so renditions differ in how far they are and in nothing else.
 */

/** A picture as the plan counts it. */
export type Picture = {
  readonly dtsTicks: number
  /** Whether decoding can start here. */
  readonly keyframe: boolean
  /** Whether its parameters are others than those of the picture before, as far as that is known picture by picture. */
  readonly changed?: boolean
}

/** A segment begins; the one before has ended. */
export type PlannedSegment = {
  readonly kind: 'segment'
  /** Media Sequence Number. */
  readonly msn: number
  readonly startTicks: number
  readonly programDateTimeMs: number
  /** Whether time or parameters broke between the segment before and this one. */
  readonly discontinuity: boolean
  /** Discontinuities of the stream up to here, this one counted. */
  readonly discontinuities: number
  /** Play time of all segments before it. */
  readonly elapsedTicks: number
}

/** A part ends, and with the last one its segment. */
export type PlannedPart = {
  readonly kind: 'part'
  readonly endTicks: number
  /** Times of the last pictures before the end: as many as rungs count through when they keep every n-th. */
  readonly tailTicks: readonly number[]
  readonly endsSegment: boolean
}

/** The segment had ended with the part before: seen only afterwards. */
export type PlannedEnd = { readonly kind: 'segment-end'; readonly endTicks: number }

/** One step of the plan. */
export type Cut = PlannedSegment | PlannedPart | PlannedEnd

/** The time of the last picture before the end of `part` that a rung with every `keepEvery`-th picture has. */
export function lastKeptTicks({ tailTicks }: PlannedPart, keepEvery: number): number {
  const last = Math.floor((tailTicks.length - 1) / keepEvery) * keepEvery
  return tailTicks[last] ?? Infinity
}
