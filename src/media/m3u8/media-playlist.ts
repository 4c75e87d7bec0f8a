/**
 * A live media playlist as data, and the printer that turns it into text.
 *
 * One playlist serves three kinds of reader: plain HLS, Apple low-latency HLS (parts, preload hint, blocking reload,
 * delta updates, rendition reports) and the IVS player's low-latency form (EXT-X-PREFETCH). What is absent from the
 * model is absent from the text. Which segments and parts are listed is decided by the caller.
 *
 * Spec: rfc8216bis §4.4; the EXT-X-NET-LIVE-VIDEO tags and date ranges follow reference ivs-behaviour §6.5.
 */

/** One EXT-X-PART line. */
export type PlaylistPart = {
  readonly uri: string
  readonly durationMs: number
  readonly independent: boolean
}

/** One segment with the tags before it; without `uri` it is the open one, of which only parts are listed. */
export type PlaylistSegment = {
  readonly uri: string | undefined
  readonly durationMs: number
  /** EXTINF title: `live` for live content. */
  readonly title: string
  /** Date ranges that stand before the segment's own tags. */
  readonly dateRanges?: readonly PlaylistDateRange[]
  readonly programDateTimeMs: number
  readonly discontinuity: boolean
  /** EXT-X-GAP: there is no media behind `uri`. */
  readonly gap: boolean
  /** EXT-X-MAP to print before this segment: set on the first one that needs it. */
  readonly mapUri: string | undefined
  readonly parts: readonly PlaylistPart[]
}

/** EXT-X-DATERANGE; `attributes` are printed quoted, in order, without what a quoted string cannot hold. */
export type PlaylistDateRange = {
  readonly id: string
  readonly className: string
  readonly startMs: number
  readonly durationMs?: number | undefined
  readonly endOnNext: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** Whether attributes follow that differ from reader to reader: `OWN_ATTRIBUTES_MARK` stands in for them. */
  readonly isOwn?: boolean
}

/** Stands in the text where attributes of one reader's own go; nothing else in a playlist can hold this character. */
export const OWN_ATTRIBUTES_MARK = '\u0001'

/** What only low-latency playlists have. */
export type LowLatencyTags = {
  readonly partTargetMs: number
  readonly partHoldBackMs: number
  readonly holdBackMs: number
  /** EXT-X-SKIP boundary; undefined when delta updates are not offered. */
  readonly canSkipUntilMs: number | undefined
  /** The part that comes next. */
  readonly preloadHintUri: string | undefined
  /** Segments still being produced: the open one and the next. */
  readonly prefetchUris: readonly string[]
  readonly renditionReports: readonly RenditionReport[]
}

/** Where another rendition of the stream stands. */
export type RenditionReport = {
  readonly uri: string
  readonly lastMsn: number
  readonly lastPart: number | undefined
}

/** A whole media playlist. */
export type MediaPlaylist = {
  readonly targetDurationSeconds: number
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  /** Play time that left the window, and of all segments that ever ended, in milliseconds. */
  readonly elapsedMs: number
  readonly totalMs: number
  readonly dateRanges: readonly PlaylistDateRange[]
  readonly lowLatency: LowLatencyTags | undefined
  /** Segments at the head that a delta update leaves out. */
  readonly skippedSegments: number
  /** Those after the skipped ones, the open one last. */
  readonly segments: readonly PlaylistSegment[]
  readonly ended: boolean
}

/** Prints `playlist`; each line ends in a line feed. */
export function printMediaPlaylist(playlist: MediaPlaylist): string {
  const lines: string[] = ['#EXTM3U']
  lines.push(`#EXT-X-VERSION:${versionOf(playlist)}`)
  lines.push(`#EXT-X-TARGETDURATION:${playlist.targetDurationSeconds}`)
  const { lowLatency } = playlist
  if (lowLatency) {
    lines.push(serverControlLine(lowLatency))
    lines.push(`#EXT-X-PART-INF:PART-TARGET=${seconds(lowLatency.partTargetMs)}`)
  }
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`)
  if (playlist.discontinuitySequence > 0) {
    lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`)
  }
  lines.push(`#EXT-X-NET-LIVE-VIDEO-LIVE-SEQUENCE:${playlist.mediaSequence}`)
  lines.push(`#EXT-X-NET-LIVE-VIDEO-ELAPSED-SECS:${seconds(playlist.elapsedMs)}`)
  lines.push(`#EXT-X-NET-LIVE-VIDEO-TOTAL-SECS:${seconds(playlist.totalMs)}`)
  if (playlist.skippedSegments > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${playlist.skippedSegments}`)
  for (const range of playlist.dateRanges) lines.push(dateRangeLine(range))
  for (const segment of playlist.segments) pushSegment(lines, segment)
  if (lowLatency && !playlist.ended) pushLiveEdge(lines, lowLatency)
  if (playlist.ended) lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

/** The lowest version that has all tags (rfc8216bis §8): older players read version 6. */
function versionOf({ skippedSegments, segments }: MediaPlaylist): number {
  if (skippedSegments > 0) return 9
  return segments.some(({ gap }) => gap) ? 8 : 6
}

function serverControlLine(tags: LowLatencyTags): string {
  const skip = tags.canSkipUntilMs === undefined ? '' : `CAN-SKIP-UNTIL=${seconds(tags.canSkipUntilMs)},`
  const holdBack = `HOLD-BACK=${seconds(tags.holdBackMs)},PART-HOLD-BACK=${seconds(tags.partHoldBackMs)}`
  return `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,${skip}${holdBack}`
}

function pushSegment(lines: string[], segment: PlaylistSegment): void {
  for (const range of segment.dateRanges ?? []) lines.push(dateRangeLine(range))
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
  if (segment.mapUri !== undefined) lines.push(`#EXT-X-MAP:URI="${segment.mapUri}"`)
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${isoTime(segment.programDateTimeMs)}`)
  for (const part of segment.parts) {
    const independent = part.independent ? ',INDEPENDENT=YES' : ''
    lines.push(`#EXT-X-PART:DURATION=${seconds(part.durationMs)},URI="${part.uri}"${independent}`)
  }
  if (segment.uri === undefined) return
  if (segment.gap) lines.push('#EXT-X-GAP')
  lines.push(`#EXTINF:${seconds(segment.durationMs)},${segment.title}`, segment.uri)
}

function pushLiveEdge(lines: string[], tags: LowLatencyTags): void {
  if (tags.preloadHintUri !== undefined) {
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${tags.preloadHintUri}"`)
  }
  for (const report of tags.renditionReports) {
    const part = report.lastPart === undefined ? '' : `,LAST-PART=${report.lastPart}`
    lines.push(`#EXT-X-RENDITION-REPORT:URI="${report.uri}",LAST-MSN=${report.lastMsn}${part}`)
  }
  for (const uri of tags.prefetchUris) lines.push(`#EXT-X-PREFETCH:${uri}`)
}

function dateRangeLine(range: PlaylistDateRange): string {
  const head = `#EXT-X-DATERANGE:ID="${quotable(range.id)}",CLASS="${range.className}",START-DATE="${isoTime(range.startMs)}"`
  const duration = range.durationMs === undefined ? '' : `,DURATION=${seconds(range.durationMs)}`
  const end = range.endOnNext ? ',END-ON-NEXT=YES' : ''
  return `${head}${duration}${end}${attributesText(range.attributes)}${range.isOwn ? OWN_ATTRIBUTES_MARK : ''}`
}

/** `attributes` as they follow others in a tag: what goes where `OWN_ATTRIBUTES_MARK` stands. */
export function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `,${name}="${quotable(value)}"`)
    .join('')
}

/** A quoted string holds neither quotes nor line breaks (rfc8216bis §4.2); no other control character helps either. */
function quotable(value: string): string {
  return value.replaceAll(/[\p{Cc}\u2028\u2029"]/gu, '')
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
