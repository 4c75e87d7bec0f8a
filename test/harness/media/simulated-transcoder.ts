/**
 * What a transcoder makes of a simulated source for one rung: later, every n-th picture, with pauses and losses.
 */
import { OWN_KEYFRAME_MS, type KeyframePlan } from '../../../src/domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../../../src/media/access-unit.ts'
import type { ArrivingUnit } from './simulated-source.ts'
import { taggedUnit } from './tagged-units.ts'

/** How one rung's encoder behaves. */
export type EncoderShape = {
  readonly keepEvery: number
  readonly lagMs: number
  readonly outages: readonly EncoderOutage[]
}

/** A child that is away, counted in milliseconds since the first picture. */
export type EncoderOutage = {
  readonly fromMs: number
  readonly lengthMs: number
  /** Whether what would have come meanwhile is made afterwards, from the picture on that was missing. */
  readonly isMadeUpFor: boolean
}

type Made = ArrivingUnit & { readonly index: number }

/** The rung's pictures in order. */
export function simulateVideo(
  source: readonly ArrivingUnit[],
  keyframes: KeyframePlan,
  shape: EncoderShape,
): ArrivingUnit[] {
  const kept = keepPictures(shownPictures(source), keyframes, shape.keepEvery)
  return arrive(kept, shape, (unit) => unit.keyframe)
}

/** The rung's sound in order. */
export function simulateAudio(source: readonly ArrivingUnit[], shape: EncoderShape): ArrivingUnit[] {
  const frames = source.filter(({ unit }) => unit.kind === 'audio')
  return arrive(frames, shape, () => true)
}

/** In the order of showing, each with the decoding time of its place and the moment from which it can be made. */
function shownPictures(source: readonly ArrivingUnit[]): ArrivingUnit[] {
  const decoded = source.filter(({ unit }) => unit.kind === 'video')
  const times = decoded.map(({ unit }) => unit.dtsTicks)
  const shown = decoded.toSorted((a, b) => a.unit.ptsTicks - b.unit.ptsTicks)
  let atMs = 0
  return shown.map((picture, index) => {
    atMs = Math.max(atMs, picture.atMs)
    return { atMs, unit: { ...picture.unit, dtsTicks: times[index] ?? 0 } }
  })
}

function keepPictures(
  shown: readonly ArrivingUnit[],
  keyframes: KeyframePlan,
  keepEvery: number,
): ArrivingUnit[] {
  let count = 0
  let cell = -1
  return shown.flatMap(({ unit, atMs }) => {
    const own = Math.floor(Math.round((unit.ptsTicks * 1000) / MEDIA_TIMESCALE) / OWN_KEYFRAME_MS)
    const keyframe = keyframes === 'source' ? unit.keyframe : own > cell
    cell = own
    count = keyframe ? 0 : count + 1
    if (count % keepEvery !== 0) return []
    return [{ atMs, unit: taggedUnit({ ...unit, keyframe }) }]
  })
}

function arrive(
  units: readonly ArrivingUnit[],
  { lagMs, outages }: EncoderShape,
  canResume: (unit: AccessUnit) => boolean,
): ArrivingUnit[] {
  const arriving: Made[] = []
  let isAway = false
  let lastMs = 0
  for (const [index, { unit, atMs }] of units.entries()) {
    const outage = outages.find(({ fromMs, lengthMs }) => atMs >= fromMs && atMs < fromMs + lengthMs)
    if (outage && !outage.isMadeUpFor) isAway = true
    if (isAway && (outage || !canResume(unit))) continue
    const resumes = isAway || outage !== undefined
    isAway = false
    const madeMs = outage ? outage.fromMs + outage.lengthMs : atMs
    lastMs = Math.max(lastMs, madeMs + lagMs)
    const isFirst = resumes && arriving.at(-1)?.atMs !== lastMs
    const made = isFirst ? taggedUnit({ ...unit, keyframe: true }) : unit
    arriving.push({ index, atMs: lastMs, unit: made })
  }
  return arriving
}
