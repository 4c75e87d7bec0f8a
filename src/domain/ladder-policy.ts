/**
 * Decides which rungs a channel makes of a source: the documented tables, applied to any size and frame rate.
 *
 * - The class of a picture is its shorter edge, so portrait video gets the rungs of the landscape picture turned over.
 * - Nothing is scaled up. A source that no row fits gets a rung of its own size, with the bitrate of the next row above.
 * - Rungs have even edges and the source's shape, to within the rounding of the longer edge.
 * - Rungs of 30 frames a second keep every n-th picture, so that those they keep are evenly spaced.
 *
 * Every stream with sound has an `audio_only` rung, last. On BASIC and STANDARD it is the source's sound, and viewers
 * see it only on request (reference ivs-behaviour §6.1): whom to show it is for delivery to decide.
 *
 * Pure. Spec: reference ivs-behaviour §2.
 */
import type { ChannelType, TranscodePreset } from './channel.ts'
import { AUDIO_ONLY_RUNG, SOURCE_RUNG } from './ladder.ts'
import type { KeyframePlan, Rung, RungAudio } from './ladder.ts'
import { ladderTable } from './ladder-tables.ts'
import type { LadderRow, LadderTable } from './ladder-tables.ts'

/** What a ladder is planned from. */
export type LadderInput = {
  readonly type: ChannelType
  readonly preset: TranscodePreset
  /** Size of the source in pixels, 2 or more each. */
  readonly width: number
  readonly height: number
  /** Frames a second of the source, above 0. */
  readonly frameRate: number
  /** Whether the publisher sends sound. */
  readonly hasAudio: boolean
}

/** A source with even edges. */
type Source = {
  readonly width: number
  readonly height: number
  readonly shortEdge: number
  readonly frameRate: number
}

const PASSTHROUGH = { kind: 'passthrough' } as const
/** Encoders that announce or send 30 are never exactly at 30: what is this little above belongs to it. */
const RATE_TOLERANCE = 1.02
/** From here down names that players show go without the usual 30. */
const PLAIN_NAME_BELOW = 720
/** Scaled edges are multiples of this; the shorter edges of all rows are. It makes 852x480 and 284x160 of 16:9. */
const EDGE_STEP = 4

/** The rungs that a channel makes of a source, best first, `audio_only` last. Without sound there is none to pass or make. */
export function planLadder(input: LadderInput): readonly Rung[] {
  const source = toSource(input)
  const table = input.type === 'BASIC' ? undefined : ladderTable(input.type, input.preset)
  const rungs = [...passedRungs(table, source), ...transcodedRungs(table, source)]
  if (!input.hasAudio) return rungs.map((rung) => ({ ...rung, audio: PASSTHROUGH }))
  return [...rungs, audioOnlyRung(table?.audioOnly ?? PASSTHROUGH)]
}

/** Where the transcoded rungs of a channel type have keyframes (reference ivs-behaviour §1.4). */
export function keyframePlanFor(type: ChannelType): KeyframePlan {
  return type === 'ADVANCED_SD' || type === 'ADVANCED_HD' ? 'own' : 'source'
}

/**
 * The same rungs for a source that changed its picture size: in its shape, none of them larger than it. Names, rates and
 * bitrates stay, as a stream keeps its rungs.
 */
export function refitLadder(
  rungs: readonly Rung[],
  size: { readonly width: number; readonly height: number },
): readonly Rung[] {
  return rungs.map((rung) => {
    if (rung.video?.kind !== 'transcode') return rung
    const source = toSource({ ...size, frameRate: rung.video.frameRate })
    const shortEdge = Math.min(rung.video.width, rung.video.height, source.shortEdge)
    return { ...rung, video: { ...rung.video, ...scaledSize(source, shortEdge) } }
  })
}

function toSource({ width, height, frameRate }: Omit<Source, 'shortEdge'>): Source {
  const even = { width: floorEven(width), height: floorEven(height) }
  return { ...even, shortEdge: Math.min(even.width, even.height), frameRate }
}

function passedRungs(table: LadderTable | undefined, source: Source): Rung[] {
  const { shortEdge, frameRate } = source
  const top = table?.rows[0]?.shortEdge ?? 0
  if (table && !(table.passesLargeSource && shortEdge > top)) return []
  const displayName = `${shortEdge}p${Math.round(frameRate)}`
  return [{ name: SOURCE_RUNG, displayName, video: PASSTHROUGH, audio: PASSTHROUGH }]
}

function transcodedRungs(table: LadderTable | undefined, source: Source): Rung[] {
  if (!table) return []
  const own = sourceSizedRow(table, source)
  const fitting = table.rows.filter((row) => row.shortEdge <= source.shortEdge)
  return [...(own ? [own] : []), ...fitting].map((row) => transcodedRung(row, source))
}

function sourceSizedRow({ rows, sourceSized }: LadderTable, { shortEdge }: Source): LadderRow | undefined {
  const above = rows.findLast((row) => row.shortEdge >= shortEdge)
  if (!above || above.shortEdge === shortEdge) return undefined
  // Between 480 and 720 the documents say what becomes of a source, below they do not.
  if (shortEdge > 480) return sourceSized && { ...sourceSized, shortEdge }
  return { ...above, shortEdge }
}

function transcodedRung(row: LadderRow, source: Source): Rung {
  const isFast = source.frameRate > 30 * RATE_TOLERANCE
  const fastBps = isFast ? row.videoBps.upTo60 : undefined
  const rateClass = fastBps === undefined ? 30 : 60
  const keepEvery = Math.ceil(source.frameRate / (rateClass * RATE_TOLERANCE))
  const name = `${row.shortEdge}p${rateClass}`
  const isPlain = row.shortEdge < PLAIN_NAME_BELOW && rateClass === 30
  return {
    name,
    displayName: isPlain ? `${row.shortEdge}p` : name,
    video: {
      kind: 'transcode',
      ...scaledSize(source, row.shortEdge),
      bitrateBps: fastBps ?? row.videoBps.upTo30,
      keepEvery,
      frameRate: source.frameRate / keepEvery,
    },
    audio: row.audio,
  }
}

function scaledSize(source: Source, shortEdge: number): { width: number; height: number } {
  const { width, height } = source
  if (shortEdge === source.shortEdge) return { width, height }
  const scale = (edge: number) => EDGE_STEP * Math.round((edge * shortEdge) / source.shortEdge / EDGE_STEP)
  return { width: scale(width), height: scale(height) }
}

function audioOnlyRung(audio: RungAudio): Rung {
  return { name: AUDIO_ONLY_RUNG, displayName: AUDIO_ONLY_RUNG, video: undefined, audio }
}

function floorEven(pixels: number): number {
  return Math.max(2, 2 * Math.floor(pixels / 2))
}
