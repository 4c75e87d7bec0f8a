/**
 * A made-up publisher: pictures and sound with their moments of arrival, with everything that real ones do to time.
 */
import { MEDIA_TIMESCALE, type AccessUnit } from '../../../src/media/access-unit.ts'
import { taggedUnit } from './tagged-units.ts'

/** How a publisher sends. */
export type SourceShape = {
  readonly frameRate: number
  /** Pictures of each keyframe interval, in turn. */
  readonly intervals: readonly number[]
  /** Pictures between two that do not depend on them. */
  readonly bPictures: number
  readonly hasAudio: boolean
  /** Sound comes this much later than pictures of its time, in milliseconds; may be negative. */
  readonly audioLateMs: number
  /** Pauses of picture and sound. */
  readonly gaps: readonly { readonly atInterval: number; readonly lengthMs: number }[]
}

/** A unit and when it arrives, in milliseconds since the first picture. */
export type ArrivingUnit = { readonly unit: AccessUnit; readonly atMs: number }

const START_MS = 1000
const SAMPLE_RATE = 48_000
const SAMPLES_PER_FRAME = 1024
const TICKS_PER_MS = MEDIA_TIMESCALE / 1000

/** Everything the publisher sends, in order of arrival. */
export function simulateSource(shape: SourceShape): ArrivingUnit[] {
  const pictures = simulatePictures(shape)
  const endMs = (pictures.at(-1)?.atMs ?? 0) + 1000 / shape.frameRate
  const sound = shape.hasAudio ? simulateSound(shape, endMs) : []
  return [...pictures, ...sound].sort((a, b) => a.atMs - b.atMs)
}

function simulatePictures(shape: SourceShape): ArrivingUnit[] {
  const frameMs = 1000 / shape.frameRate
  const delayMs = shape.bPictures > 0 ? frameMs : 0
  const pictures: ArrivingUnit[] = []
  let startMs = 0
  shape.intervals.forEach((count, interval) => {
    for (const gap of shape.gaps) if (gap.atInterval === interval) startMs += gap.lengthMs
    decodeOrder(count, shape.bPictures).forEach((shownAt, decodedAt) => {
      const atMs = startMs + decodedAt * frameMs
      // Publishers count whole milliseconds.
      const dtsTicks = Math.round(START_MS + atMs) * TICKS_PER_MS
      const ptsTicks = Math.round(START_MS + startMs + shownAt * frameMs + delayMs) * TICKS_PER_MS
      pictures.push({
        unit: taggedUnit({ kind: 'video', dtsTicks, ptsTicks, keyframe: shownAt === 0 }),
        atMs,
      })
    })
    startMs += count * frameMs
  })
  return pictures
}

/** Places in the order of showing, in the order of decoding: each reference goes before what lies between. */
function decodeOrder(count: number, between: number): number[] {
  const order = [0]
  let at = 1
  while (at < count) {
    const reference = at + between < count ? at + between : at
    order.push(reference)
    for (let shown = at; shown < reference; shown++) order.push(shown)
    at = reference + 1
  }
  return order
}

function simulateSound(shape: SourceShape, endMs: number): ArrivingUnit[] {
  const pauses = pausesOf(shape)
  const sound: ArrivingUnit[] = []
  for (let sample = 0; ; sample += SAMPLES_PER_FRAME) {
    const atMs = (sample * 1000) / SAMPLE_RATE
    if (atMs >= endMs) return sound
    if (pauses.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)) continue
    const dtsTicks = Math.round(START_MS * TICKS_PER_MS + (sample * MEDIA_TIMESCALE) / SAMPLE_RATE)
    const unit = taggedUnit({ kind: 'audio', dtsTicks, ptsTicks: dtsTicks, keyframe: true })
    sound.push({ unit, atMs: Math.max(0, atMs + shape.audioLateMs) })
  }
}

function pausesOf({ intervals, gaps, frameRate }: SourceShape): { fromMs: number; toMs: number }[] {
  const pauses: { fromMs: number; toMs: number }[] = []
  let startMs = 0
  intervals.forEach((count, interval) => {
    for (const gap of gaps) {
      if (gap.atInterval !== interval) continue
      pauses.push({ fromMs: startMs, toMs: startMs + gap.lengthMs })
      startMs += gap.lengthMs
    }
    startMs += (count * 1000) / frameRate
  })
  return pauses
}
