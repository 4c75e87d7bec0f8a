/**
 * The media playlist of a live rendition as it is now, as data for the printer.
 *
 * Spec: rfc8216bis §4.4.3.8 (hold-backs), §4.4.4.9 (parts), §6.2.5.1 (delta updates); reference ivs-behaviour §6.5.
 */
import type { LiveMedia, LiveRendition, LiveSegment } from '../domain/live.ts'
import type { ShownDateRange, ShownRendition } from '../domain/viewer-ads.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import type {
  LowLatencyTags,
  MediaPlaylist,
  PlaylistDateRange,
  PlaylistPart,
  PlaylistSegment,
  RenditionReport,
} from '../media/m3u8/media-playlist.ts'
import { initUri, partUri, playlistPath, segmentUri, type RenditionAddress } from './media-path.ts'

/** What the playlist depends on besides the window. */
export type PlaylistContext = {
  readonly media: LiveMedia
  /** Where the URLs in it begin, see `media-path.ts`. */
  readonly root: string
  readonly nowMs: number
}

/** What a playlist shows: a rendition, or a view of it with what is told about the ads in it. */
export type PlaylistView = Pick<
  ShownRendition,
  'rendition' | 'discontinuityOffset' | 'dateRanges' | 'hasParts' | 'hidesNext'
>

/** Title of live content (reference ivs-behaviour §6.5). */
const LIVE_TITLE = 'live'
/** In units of the target duration: parts are listed this far from the end, and segments may be skipped before that. */
const PARTS_LISTED_TARGETS = 3
const SKIP_BOUNDARY_TARGETS = 6
const HOLD_BACK_TARGETS = 3
const PART_HOLD_BACK_TARGETS = 3

/** The whole playlist of `view`. */
export function livePlaylist(view: PlaylistView, context: PlaylistContext): MediaPlaylist {
  return modelOf(view, context, listedSegments(view.rendition), 0)
}

/** The playlist without the segments a client that asks for a delta update must know; whole when nothing can be left out. */
export function deltaPlaylist(view: PlaylistView, context: PlaylistContext): MediaPlaylist {
  const { rendition } = view
  const segments = listedSegments(rendition)
  const boundaryTicks = SKIP_BOUNDARY_TARGETS * rendition.targetDurationSeconds() * MEDIA_TIMESCALE
  let remainingTicks = sumTicks(segments)
  let skipped = 0
  for (const segment of segments) {
    remainingTicks -= segment.durationTicks
    if (remainingTicks < boundaryTicks) break
    skipped++
  }
  return modelOf(view, context, segments, skipped)
}

function listedSegments(rendition: LiveRendition): readonly LiveSegment[] {
  // An open segment without a part has nothing to list yet.
  return rendition.segments().filter((segment) => segment.complete || segment.parts.length > 0)
}

function modelOf(
  view: PlaylistView,
  context: PlaylistContext,
  segments: readonly LiveSegment[],
  skippedSegments: number,
): MediaPlaylist {
  const { rendition } = view
  const isLow = context.media.latencyMode === 'LOW' && view.hasParts
  const listed = isLow ? segments : segments.filter((segment) => segment.complete)
  const printed = segmentModels(view, context, listed, skippedSegments)
  return {
    targetDurationSeconds: rendition.targetDurationSeconds(),
    mediaSequence: listed[0]?.msn ?? 0,
    discontinuitySequence: rendition.discontinuitySequence() + view.discontinuityOffset,
    elapsedMs: milliseconds(rendition.elapsedTicks()),
    totalMs: milliseconds(rendition.totalTicks()),
    dateRanges: dateRanges(context),
    lowLatency: isLow ? lowLatencyTags(view, context, segments) : undefined,
    skippedSegments,
    segments: withDateRanges(printed, view.dateRanges()),
    ended: rendition.ended(),
  }
}

/** A segment of the playlist and its number. */
type NumberedSegment = { readonly msn: number; readonly model: PlaylistSegment }

function segmentModels(
  { rendition, hasParts }: PlaylistView,
  context: PlaylistContext,
  listed: readonly LiveSegment[],
  skippedSegments: number,
): NumberedSegment[] {
  const address = addressOf(rendition, context)
  const isLow = context.media.latencyMode === 'LOW' && hasParts
  const partsFromTicks =
    sumTicks(rendition.segments()) -
    PARTS_LISTED_TARGETS * rendition.targetDurationSeconds() * MEDIA_TIMESCALE
  let ticks = 0
  let init: number | undefined
  const models: NumberedSegment[] = []
  for (const [index, segment] of listed.entries()) {
    ticks += segment.durationTicks
    if (index < skippedSegments) continue
    const withParts = isLow && ticks > partsFromTicks
    models.push({ msn: segment.msn, model: segmentModel(segment, address, rendition, withParts, init) })
    init = segment.init?.id
  }
  return models
}

function segmentModel(
  segment: LiveSegment,
  address: RenditionAddress,
  rendition: LiveRendition,
  withParts: boolean,
  previousInit: number | undefined,
): PlaylistSegment {
  return {
    uri: segment.complete ? segmentUri(address, segment.msn) : undefined,
    durationMs: milliseconds(segment.durationTicks),
    title: segment.assetId ?? LIVE_TITLE,
    programDateTimeMs: segment.programDateTimeMs,
    discontinuity: segment.discontinuity,
    gap: segment.gap,
    mapUri: segment.init && segment.init.id !== previousInit ? initUri(address, segment.init.id) : undefined,
    parts: withParts ? partModels(segment, address, rendition.partTargetMs()) : [],
  }
}

/** Every range before the segment it belongs to, or the first printed one after that; a delta update leaves none out. */
function withDateRanges(
  numbered: readonly NumberedSegment[],
  ranges: readonly ShownDateRange[],
): PlaylistSegment[] {
  if (ranges.length === 0) return numbered.map(({ model }) => model)
  let at = 0
  return numbered.map(({ msn, model }) => {
    const own: PlaylistDateRange[] = []
    for (let range = ranges[at]; range && range.msn <= msn; range = ranges[at]) {
      own.push({ ...range, endOnNext: range.durationMs === undefined })
      at++
    }
    return own.length === 0 ? model : { ...model, dateRanges: own }
  })
}

function partModels(segment: LiveSegment, address: RenditionAddress, partTargetMs: number): PlaylistPart[] {
  return segment.parts.map((part, index) => ({
    uri: partUri(address, segment.msn, index),
    // A picture that stood longer than the part target would break the playlist's promise (rfc8216bis §4.4.4.9).
    durationMs: Math.min(partTargetMs, milliseconds(part.durationTicks)),
    // hls.js 1.7.4 that turns to a rendition inside a segment never leaves that segment, so it is told of no way in there.
    independent: index === 0 && part.independent,
  }))
}

function lowLatencyTags(
  { rendition, hidesNext }: PlaylistView,
  context: PlaylistContext,
  segments: readonly LiveSegment[],
): LowLatencyTags {
  const address = addressOf(rendition, context)
  const last = segments.at(-1)
  const openMsn = last ? last.msn + (last.complete ? 1 : 0) : 0
  const nextPart = last && !last.complete ? last.parts.length : 0
  const targetMs = rendition.targetDurationSeconds() * 1000
  const boundaryMs = SKIP_BOUNDARY_TARGETS * targetMs
  // What a player learns of a segment when it is first named is all that it ever learns of it.
  const begun = last?.complete === false ? [openMsn] : []
  const prefetched = hidesNext ? begun : [openMsn, openMsn + 1]
  return {
    partTargetMs: rendition.partTargetMs(),
    partHoldBackMs: PART_HOLD_BACK_TARGETS * rendition.partTargetMs(),
    holdBackMs: HOLD_BACK_TARGETS * targetMs,
    canSkipUntilMs: milliseconds(sumTicks(segments)) > boundaryMs ? boundaryMs : undefined,
    preloadHintUri: partUri(address, openMsn, nextPart),
    prefetchUris: prefetched.map((msn) => segmentUri(address, msn)),
    renditionReports: context.media.renditions
      .filter((other) => other.name !== rendition.name)
      .flatMap((other) => renditionReport(other, context)),
  }
}

function renditionReport(other: LiveRendition, context: PlaylistContext): RenditionReport[] {
  const last = listedSegments(other).at(-1)
  if (!last) return []
  const uri = playlistPath(addressOf(other, context))
  return [{ uri, lastMsn: last.msn, lastPart: last.parts.length > 0 ? last.parts.length - 1 : undefined }]
}

function dateRanges({ media, nowMs }: PlaylistContext): PlaylistDateRange[] {
  const startSeconds = Math.floor(media.startTimeMs / 1000)
  return [
    {
      id: `playlist-creation-${Math.floor(nowMs / 1000)}`,
      className: 'timestamp',
      startMs: nowMs,
      endOnNext: true,
      attributes: { 'X-SERVER-TIME': (nowMs / 1000).toFixed(2) },
    },
    {
      id: `source-${startSeconds}`,
      className: 'live-video-net-stream-source',
      startMs: media.startTimeMs,
      endOnNext: true,
      attributes: { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': LIVE_TITLE },
    },
  ]
}

function addressOf(rendition: LiveRendition, context: PlaylistContext): RenditionAddress {
  return {
    root: context.root,
    streamId: context.media.streamId,
    rendition: rendition.name,
    container: rendition.container,
  }
}

function sumTicks(segments: readonly LiveSegment[]): number {
  return segments.reduce((sum, segment) => sum + segment.durationTicks, 0)
}

function milliseconds(ticks: number): number {
  return Math.round((ticks * 1000) / MEDIA_TIMESCALE)
}
