/**
 * Whether the renditions of a ladder agree: segments, presentation times of pictures, keyframes, sound.
 */
import { soundLags, timesHash } from '../../test/harness/ladder-reader.ts'
import { probePackets, probeTracks, type ProbedPacket } from '../../test/harness/media/media-programs.ts'
import type { FollowedRung } from './followed-ladder.ts'

/** What was found of one ladder. */
export type LadderVerdict = {
  /** `name widthxheight` of each rendition, read from its media. */
  readonly rungs: readonly string[]
  readonly segments: number
  readonly mediaSeconds: number
  /** Pictures of the best rendition, and a short name for the list of their times. */
  readonly pictures: number
  readonly timesHash: string
  /** Longest way from one keyframe to the next, in seconds. */
  readonly keyframeSeconds: number
  /** Largest distance of a beep from its flash on any rendition, in milliseconds; undefined without flashes. */
  readonly soundLagMs: number | undefined
  /** Whatever is not as it should be. */
  readonly disagreements: readonly string[]
}

type Picture = Pick<ProbedPacket, 'pts' | 'keyframe'>

const TICKS_PER_SECOND = 90_000
/** One at the beginning may be cut off, so a few are needed. */
const MIN_FLASHES = 3
const SEGMENTS_DECODED_AT_ONCE = 8

/** Compares what was followed; flashes and beeps are measured when there are any. */
export async function compareRungs(
  followed: readonly FollowedRung[],
  { hasFlashes }: { readonly hasFlashes: boolean },
): Promise<LadderVerdict> {
  const [best] = followed
  if (!best || best.segments.length === 0) throw new Error('no segment was seen on all renditions')
  const reference = await picturesOf(best)
  const disagreements: string[] = []
  const names: string[] = []
  const lagsMs: number[] = []
  for (const one of followed) {
    const { name, frameRate } = one.rung
    const difference = firstDifference(faces(one), faces(best))
    if (difference)
      disagreements.push(`segments of ${name} differ from those of ${best.rung.name}: ${difference}`)
    names.push(await nameFromMedia(one))
    if (frameRate === undefined) continue
    const pictures = await picturesOf(one)
    const keepsEvery = Math.round((best.rung.frameRate ?? frameRate) / frameRate)
    disagreements.push(...pictureDisagreements(name, pictures, everyNth(reference, keepsEvery)))
    if (!hasFlashes) continue
    const lags = await lagsOf(one)
    if (lags.length < MIN_FLASHES) disagreements.push(`${name} shows too few flashes`)
    lagsMs.push(...lags.map((lagS) => Math.abs(lagS) * 1000))
  }
  const times = reference.map(({ pts }) => pts)
  return {
    rungs: names,
    segments: best.segments.length,
    mediaSeconds: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / TICKS_PER_SECOND,
    pictures: reference.length,
    timesHash: timesHash(reference),
    keyframeSeconds: longestKeyframeInterval(reference),
    soundLagMs: lagsMs.length > 0 ? Math.max(...lagsMs) : undefined,
    disagreements,
  }
}

/** What of segments must be the same on every rendition. */
function faces({ segments }: FollowedRung): string[] {
  return segments.map(({ msn, durationS, programDateTime, discontinuity, gap }) =>
    [msn, durationS, programDateTime, discontinuity && 'discontinuity', gap && 'gap']
      .filter(Boolean)
      .join(' '),
  )
}

function firstDifference(ones: readonly string[], others: readonly string[]): string | undefined {
  const index = ones.findIndex((one, place) => one !== others[place])
  if (index < 0 && ones.length === others.length) return undefined
  const count = ones.filter((one, place) => one !== others[place]).length
  return `"${ones[index] ?? 'nothing'}" and "${others[index] ?? 'nothing'}", ${count} in all`
}

function mediaOf({ segments }: Pick<FollowedRung, 'segments'>): Buffer {
  return Buffer.concat(segments.map(({ body }) => body))
}

/** Decoded a piece at a time: the program that does it has a time limit. */
async function lagsOf({ segments }: FollowedRung): Promise<readonly number[]> {
  const lags: number[] = []
  for (let from = 0; from < segments.length; from += SEGMENTS_DECODED_AT_ONCE) {
    const piece = segments.slice(from, from + SEGMENTS_DECODED_AT_ONCE)
    lags.push(...(await soundLags(mediaOf({ segments: piece }))))
  }
  return lags
}

/** In the order in which they are shown. */
async function picturesOf(followed: FollowedRung): Promise<readonly Picture[]> {
  const packets = await probePackets(mediaOf(followed))
  return packets.filter(({ kind }) => kind === 'video').sort((a, b) => a.pts - b.pts)
}

async function nameFromMedia({ rung, segments }: FollowedRung): Promise<string> {
  const tracks = await probeTracks(segments[0]?.body ?? Buffer.alloc(0))
  const video = tracks.find(({ kind }) => kind === 'video')
  return video ? `${rung.name} ${video.width}x${video.height}` : rung.name
}

/** Counted anew from each keyframe. */
function everyNth(pictures: readonly Picture[], n: number): Picture[] {
  let count = -1
  return pictures.filter(({ keyframe }) => {
    count = keyframe ? 0 : count + 1
    return count % n === 0
  })
}

function pictureDisagreements(
  name: string,
  pictures: readonly Picture[],
  expected: readonly Picture[],
): string[] {
  const keyframes = (list: readonly Picture[]): readonly Picture[] => list.filter(({ keyframe }) => keyframe)
  const found: string[] = []
  if (timesHash(pictures) !== timesHash(expected)) {
    found.push(`times of ${name} differ: ${pictures.length} pictures, ${expected.length} expected`)
  }
  if (timesHash(keyframes(pictures)) !== timesHash(keyframes(expected))) {
    found.push(`keyframes of ${name} differ`)
  }
  return found
}

function longestKeyframeInterval(pictures: readonly Picture[]): number {
  const times = pictures.filter(({ keyframe }) => keyframe).map(({ pts }) => pts)
  return Math.max(0, ...times.slice(1).map((pts, index) => pts - (times[index] ?? pts))) / TICKS_PER_SECOND
}
