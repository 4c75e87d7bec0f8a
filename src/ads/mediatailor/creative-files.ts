/**
 * A conditioned creative as HLS for players that put ads in by themselves: playlists of its own, and segments cut from it
 * when they are asked for.
 *
 * Pure, apart from the segments that it keeps: they are the same for everybody and bounded in bytes.
 *
 * Spec: RFC 8216 §4.3.3.
 */
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import { TsMuxer } from '../../media/mpegts/ts-muxer.ts'
import { printMultivariantPlaylist } from '../../media/m3u8/multivariant-playlist.ts'
import type { LiveRendition } from '../../domain/live.ts'
import type { ConditionedCreative, CreativeRendition, LoadedCreative } from '../creative-library.ts'
import { AdCutter } from '../stitch/ad-cutter.ts'

/** A segment of a creative, by its number from 0. */
export type CreativePiece = {
  readonly fromTicks: number
  readonly toTicks: number
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** Segments are this long, the last one what is left. */
const SEGMENT_SECONDS = 2
const SEGMENT_TICKS = SEGMENT_SECONDS * MEDIA_TIMESCALE
/** What is left and shorter than this belongs to the segment before. */
const TOLERANCE_TICKS = MEDIA_TIMESCALE / 10

/** The pieces of a creative, in order; at least one. */
export function creativePieces({ durationTicks }: ConditionedCreative): readonly CreativePiece[] {
  const count = Math.max(1, Math.ceil((durationTicks - TOLERANCE_TICKS) / SEGMENT_TICKS))
  return Array.from({ length: count }, (_, number) => ({
    fromTicks: number * SEGMENT_TICKS,
    toTicks: number === count - 1 ? durationTicks : (number + 1) * SEGMENT_TICKS,
    isFirst: number === 0,
    isLast: number === count - 1,
  }))
}

/**
 * The multivariant playlist of a creative in the renditions that viewers of the channel may choose.
 *
 * @param folder relative reference to where the media playlists are.
 */
export function creativeMultivariant(
  creative: LoadedCreative,
  renditions: readonly LiveRendition[],
  folder: string,
): string {
  const variants = renditions.flatMap((rendition) => {
    const made = creative.renditions.get(rendition.name)
    const description = rendition.description()
    if (!made || !description || rendition.listing !== 'always') return []
    const { width, height, frameRate, peakBitrateBps, averageBitrateBps } = description
    const video = made.video?.track.avc
    return {
      groupId: rendition.name,
      name: rendition.displayName(),
      isAutomatic: rendition.hasVideo,
      bandwidthBps: peakBitrateBps,
      averageBandwidthBps: averageBitrateBps,
      resolution: width === undefined || height === undefined ? undefined : { width, height },
      frameRate,
      codecs: [...(video ? [video.codecString] : []), made.audio.track.aac.codecString],
      uri: `${folder}/${rendition.name}.m3u8`,
    }
  })
  return printMultivariantPlaylist({ sessionData: {}, variants })
}

/** The media playlist of a creative; `folder` is the relative reference to where its segments are. */
export function creativePlaylist(creative: ConditionedCreative, folder: string): string {
  const segments = creativePieces(creative).flatMap(({ fromTicks, toTicks }, number) => [
    `#EXTINF:${((toTicks - fromTicks) / MEDIA_TIMESCALE).toFixed(3)},`,
    `${folder}/${number}.ts`,
  ])
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...segments,
    '#EXT-X-ENDLIST',
    '',
  ].join('\n')
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

function muxed(rendition: CreativeRendition, { fromTicks, toTicks }: CreativePiece): Buffer {
  const { video, audio } = rendition
  const muxer = new TsMuxer({ video: video?.track, audio: audio.track })
  const place = { offsetTicks: fromTicks, startTicks: fromTicks }
  return muxer.writePart(new AdCutter(rendition).units(place, { fromTicks: 0, toTicks: toTicks - fromTicks }))
}
