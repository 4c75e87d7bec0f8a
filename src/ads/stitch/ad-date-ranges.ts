/**
 * What playlists say about ads: date ranges of which players make their events.
 *
 * Break and creative are told of as long as one of their segments is listed, so that a player that joins inside a break
 * knows where it is. The source of the picture, an asset's id or `live`, is told where it changes.
 *
 * Reference: ssai §1.8, §6 (rule 6); ivs-behaviour §16.4.
 */
import type { ShownDateRange } from '../../domain/viewer-ads.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { GridSegment } from './content-grid.ts'
import type { ListedRange, PlacedEntry, Pod } from './pod.ts'

/** The classes that the IVS player makes its events of, or the one that its documentation names; never both. */
export type AdMarkers = 'player' | 'documented'

const PREFIX = 'X-NET-LIVE-VIDEO'
const CLASS = {
  source: 'live-video-net-stream-source',
  breakStart: 'live-video-net-stitched-ad-break-start',
  creativeStart: 'live-video-net-stitched-ad-creative-start',
  documented: 'live-video-net-stitched-ad',
} as const
const LIVE = 'live'
/** Characters of a text from an ad server that are handed on. */
const MAX_TEXT_LENGTH = 256

/** What the ranges of a pod depend on besides the pod. */
export type DateRangeContext = {
  readonly listed: ListedRange
  readonly markers: AdMarkers
  /** Whether ads of another break come where this one ends. */
  readonly isFollowed: boolean
}

/** The ranges of `pod` in a playlist, in the order of their segments. */
export function adDateRanges(pod: Pod, { listed, markers, isFollowed }: DateRangeContext): ShownDateRange[] {
  const ranges: ShownDateRange[] = []
  const { firstMsn, lastMsn } = listed
  const [first] = pod.placed
  if (first && pod.isListedIn(listed) && markers === 'player') ranges.push(breakStart(pod, first.from))
  for (const [index, entry] of pod.placed.entries()) {
    if (entry.from.msn > lastMsn || lastMsnOf(pod, index) < firstMsn) continue
    const creative = markers === 'player' ? creativeStart(pod, entry) : documented(pod, entry)
    if (creative) ranges.push(creative)
    ranges.push(sourceRange(entry.from, entry.creative.assetId))
  }
  const { end } = pod
  if (first && end && end.msn >= firstMsn && end.msn <= lastMsn && !isFollowed) {
    ranges.push(sourceRange(end, LIVE))
  }
  return ranges
}

/** The last segment of entry number `index`, as far as it has come. */
function lastMsnOf(pod: Pod, index: number): number {
  const next = pod.placed[index + 1]
  return next ? next.from.msn - 1 : pod.lastAdMsn
}

function breakStart(pod: Pod, from: GridSegment): ShownDateRange {
  const { id, rollType } = pod.adBreak
  return {
    msn: from.msn,
    id: `ad-break-${id}`,
    className: CLASS.breakStart,
    startMs: from.programDateTimeMs,
    durationMs: milliseconds(pod.entries.reduce((sum, { creative }) => sum + creative.durationTicks, 0)),
    attributes: {
      [`${PREFIX}-AD-BREAK-ID`]: id,
      [`${PREFIX}-AD-ROLL-TYPE`]: rollType,
      [`${PREFIX}-POD-LENGTH`]: String(podLength(pod)),
    },
    isOwn: true,
  }
}

function creativeStart(pod: Pod, { ad, adIndex, creative, from }: PlacedEntry): ShownDateRange | undefined {
  if (!ad || adIndex === undefined) return undefined
  return {
    msn: from.msn,
    id: `ad-creative-${pod.adBreak.id}-${adIndex + 1}`,
    className: CLASS.creativeStart,
    startMs: from.programDateTimeMs,
    durationMs: milliseconds(creative.durationTicks),
    attributes: {
      [`${PREFIX}-ASSET-ID`]: creative.assetId,
      [`${PREFIX}-POD-INDEX`]: String(adIndex + 1),
      ...named('X-CREATIVE-ID', ad.creativeId),
      ...named('X-VAST-AD-ID', ad.adId),
      ...named('X-AD-SYSTEM', ad.adSystem),
      ...named('X-AD-TITLE', ad.adTitle),
    },
    isOwn: false,
  }
}

function documented(pod: Pod, { ad, creative, from }: PlacedEntry): ShownDateRange | undefined {
  if (!ad) return undefined
  const nanoseconds = `${milliseconds(creative.durationTicks)}000000`
  return {
    msn: from.msn,
    id: `stitched-ad-${Math.floor(from.programDateTimeMs / 1000)}-${nanoseconds}`,
    className: CLASS.documented,
    startMs: from.programDateTimeMs,
    durationMs: milliseconds(creative.durationTicks),
    attributes: { [`${PREFIX}-AD-AD-BREAK-ID`]: pod.adBreak.id },
    isOwn: false,
  }
}

function sourceRange({ msn, programDateTimeMs }: GridSegment, source: string): ShownDateRange {
  return {
    msn,
    // To the millisecond: segments at a break in time can be shorter than a second.
    id: `source-${Math.floor(programDateTimeMs)}`,
    className: CLASS.source,
    startMs: programDateTimeMs,
    durationMs: undefined,
    attributes: { [`${PREFIX}-STREAM-SOURCE`]: source },
    isOwn: false,
  }
}

function podLength({ entries }: Pod): number {
  return entries.filter(({ ad }) => ad !== undefined).length
}

function named(attribute: string, text: string): Record<string, string> {
  return text === '' ? {} : { [attribute]: text.slice(0, MAX_TEXT_LENGTH) }
}

function milliseconds(ticks: number): number {
  return Math.round((ticks * 1000) / MEDIA_TIMESCALE)
}
