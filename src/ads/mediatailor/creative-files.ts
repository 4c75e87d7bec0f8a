/**
 * A conditioned creative as HLS for players that put ads in by themselves: playlists of its own, and segments cut from it
 * when they are asked for.
 *
 * All of it is the same for everybody: the report of what is seen stands in the address of the playlist and, by its
 * variables, in those of its segments. Pure, apart from the segments that it keeps, which are bounded in bytes.
 *
 * Spec: rfc8216bis §4.4.2.3 (EXT-X-DEFINE), §4.4.3. Reference: ssai §3.10.
 */
import { MEDIA_TIMESCALE, type AccessUnit } from '../../media/access-unit.ts'
import { TsMuxer } from '../../media/mpegts/ts-muxer.ts'
import {
  printMultivariantPlaylist,
  VARIABLES_VERSION,
  type PlaylistVariant,
} from '../../media/m3u8/multivariant-playlist.ts'
import type { TimedUnit } from '../../media/timed-unit.ts'
import type { ConditionedCreative, CreativeRendition, LoadedCreative } from '../creative-library.ts'
import { AdCutter } from '../stitch/ad-cutter.ts'
import { playlistFile, segmentFile } from './creative-address.ts'

/** A segment of a creative, by its number from 0. */
export type CreativePiece = {
  readonly fromTicks: number
  readonly toTicks: number
  readonly isFirst: boolean
  readonly isLast: boolean
}

/**
 * Arguments of a playlist whose segments are fetched where they are reported: the sealed report, the address below which
 * that is, and the configuration's name.
 */
export const REPORT_ARGUMENTS = ['awsBeaconData', 'awsBeaconDomain', 'awsConfigurationName'] as const

/** Segments are this long, the last one what is left. */
const SEGMENT_SECONDS = 2
const SEGMENT_TICKS = SEGMENT_SECONDS * MEDIA_TIMESCALE
/** What is left and shorter than this belongs to the segment before. */
const TOLERANCE_TICKS = MEDIA_TIMESCALE / 10

/** The pieces of a creative, in order; at least one. */
export function creativePieces({
  durationTicks,
}: Pick<ConditionedCreative, 'durationTicks'>): readonly CreativePiece[] {
  const count = Math.max(1, Math.ceil((durationTicks - TOLERANCE_TICKS) / SEGMENT_TICKS))
  return Array.from({ length: count }, (_, number) => ({
    fromTicks: number * SEGMENT_TICKS,
    toTicks: number === count - 1 ? durationTicks : (number + 1) * SEGMENT_TICKS,
    isFirst: number === 0,
    isLast: number === count - 1,
  }))
}

/**
 * The multivariant playlist of a creative, best rendition first; those without a picture only when there are no others.
 *
 * @param isReported whether segments shall be fetched where they are reported: its own address then has the arguments
 * `REPORT_ARGUMENTS`.
 */
export function creativeMultivariant(creative: LoadedCreative, isReported: boolean): string {
  const all = [...creative.renditions].map(([name, rendition]) => ({ name, rendition }))
  const pictured = all.filter(({ rendition }) => rendition.video)
  const listed = pictured.length > 0 ? pictured : all
  const pieces = creativePieces(creative)
  const variants = listed.map(({ name, rendition }) => ({
    ...variantOf(name, rendition, pieces),
    uri: playlistFile(isReported, name),
  }))
  return printMultivariantPlaylist({
    ...(isReported && { queryVariables: REPORT_ARGUMENTS }),
    sessionData: {},
    variants: variants.toSorted((one, other) => other.bandwidthBps - one.bandwidthBps),
  })
}

function variantOf(
  name: string,
  rendition: CreativeRendition,
  pieces: readonly CreativePiece[],
): Omit<PlaylistVariant, 'uri'> {
  const { video, audio } = rendition
  const { width, height, codecString } = video?.track.avc ?? {}
  const rate = video && Math.round((MEDIA_TIMESCALE * 1000) / pictureTicks(video.units)) / 1000
  return {
    groupId: name,
    name: height === undefined || rate === undefined ? name : `${height}p${Math.round(rate)}`,
    isAutomatic: true,
    ...bitratesOf(rendition, pieces),
    resolution: width === undefined || height === undefined ? undefined : { width, height },
    frameRate: rate,
    codecs: [...(codecString === undefined ? [] : [codecString]), audio.track.aac.codecString],
  }
}

/** Mean distance of pictures. */
function pictureTicks(units: readonly AccessUnit[]): number {
  const wholeTicks = (units.at(-1)?.dtsTicks ?? 0) - (units[0]?.dtsTicks ?? 0)
  return units.length < 2 ? MEDIA_TIMESCALE : wholeTicks / (units.length - 1)
}

type Bitrates = Pick<PlaylistVariant, 'bandwidthBps' | 'averageBandwidthBps'>

/** Thousands of units are looked at for them. */
const knownBitrates = new WeakMap<CreativeRendition, Bitrates>()

/** What the pieces will have when they are made. */
function bitratesOf(rendition: CreativeRendition, pieces: readonly CreativePiece[]): Bitrates {
  const known = knownBitrates.get(rendition)
  if (known) return known
  let peakBps = 0
  let wholeBytes = 0
  for (const piece of pieces) {
    const sizeBytes = muxerOf(rendition).partBytes(unitsOf(rendition, piece))
    peakBps = Math.max(peakBps, (sizeBytes * 8 * MEDIA_TIMESCALE) / (piece.toTicks - piece.fromTicks))
    wholeBytes += sizeBytes
  }
  const averageBps = (wholeBytes * 8 * MEDIA_TIMESCALE) / (pieces.at(-1)?.toTicks ?? 1)
  const bitrates = { bandwidthBps: Math.ceil(peakBps), averageBandwidthBps: Math.ceil(averageBps) }
  knownBitrates.set(rendition, bitrates)
  return bitrates
}

/**
 * The media playlist of a creative in the rendition called so, beside its segments.
 *
 * @param reportedAt the account in the address and the number of the rendition, when segments shall be fetched where they
 * are reported: the arguments are those of the multivariant playlist then.
 */
export function creativePlaylist(
  creative: Pick<ConditionedCreative, 'durationTicks'>,
  rendition: string,
  reportedAt?: { readonly accountHash: string; readonly number: number },
): string {
  const segments = creativePieces(creative).flatMap(({ fromTicks, toTicks }, piece) => {
    const file = segmentFile(rendition, piece)
    const uri = reportedAt
      ? `${reportingFolder(reportedAt.accountHash)}/${reportedAt.number}/${piece}?aws.segmentRelativePath=${file}`
      : file
    return [`#EXTINF:${((toTicks - fromTicks) / MEDIA_TIMESCALE).toFixed(3)},`, uri]
  })
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${reportedAt ? VARIABLES_VERSION : 6}`,
    ...(reportedAt ? REPORT_ARGUMENTS.map((name) => `#EXT-X-DEFINE:IMPORT="${name}"`) : []),
    `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments,
    '#EXT-X-ENDLIST',
    '',
  ].join('\n')
}

function reportingFolder(accountHash: string): string {
  const [sealed, address, configurationName] = REPORT_ARGUMENTS.map((name) => `{$${name}}`)
  return `${address}/segment/${accountHash}/${configurationName}/${sealed}`
}

/** Segments of creatives, made when they are first asked for. */
export class CreativeSegments {
  readonly #maxBytes: number
  /** In the order of their last use. */
  readonly #segments = new Map<string, Buffer>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** One piece of a creative in the rendition called so. */
  get(key: string, rendition: CreativeRendition, piece: CreativePiece): Buffer {
    const name = `${key} ${piece.fromTicks} ${piece.toTicks}`
    const known = this.#segments.get(name)
    const segment = known ?? muxed(rendition, piece)
    this.#segments.delete(name)
    this.#segments.set(name, segment)
    if (!known) this.#bytes += segment.length
    for (const [oldest, { length }] of this.#segments) {
      if (this.#bytes <= this.#maxBytes) break
      this.#segments.delete(oldest)
      this.#bytes -= length
    }
    return segment
  }
}

function muxed(rendition: CreativeRendition, piece: CreativePiece): Buffer {
  return muxerOf(rendition).writePart(unitsOf(rendition, piece))
}

function muxerOf({ video, audio }: CreativeRendition): TsMuxer {
  return new TsMuxer({ video: video?.track, audio: audio.track })
}

function unitsOf(rendition: CreativeRendition, { fromTicks, toTicks }: CreativePiece): TimedUnit[] {
  const place = { offsetTicks: fromTicks, startTicks: fromTicks }
  return new AdCutter(rendition).units(place, { fromTicks: 0, toTicks: toTicks - fromTicks })
}
