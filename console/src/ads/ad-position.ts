/**
 * Where in an ad break the picture is, read from the date ranges of the playlist.
 *
 * Pure: the player hands in the ranges and the wall clock of its picture.
 */

/** A date range of a media playlist. */
export type DateMark = {
  readonly className: string
  readonly startMs: number
  readonly durationMs: number | undefined
  /** Attributes as written, without quotes. */
  readonly attributes: Readonly<Record<string, string | undefined>>
}

/** A moment inside an ad break. */
export type AdPosition = {
  readonly breakId: string
  readonly breakDurationMs: number | undefined
  /** Ads in the break; 0 while that is not known. */
  readonly podLength: number
  /** Place of the ad that plays, from 1; undefined between ads, and where the playlist does not tell. */
  readonly podIndex: number | undefined
  /** Of the ad that plays; empty when it has none. */
  readonly title: string
  /** Left of the ad, or of the break between ads; undefined when the playlist does not tell. */
  readonly leftMs: number | undefined
}

const BREAK_START = 'live-video-net-stitched-ad-break-start'
const BREAK_END = 'live-video-net-stitched-ad-break-end'
const CREATIVE_START = 'live-video-net-stitched-ad-creative-start'
const STREAM_SOURCE = 'live-video-net-stream-source'
/** The class that is documented, for servers that write it in place of the others. */
const STITCHED_AD = 'live-video-net-stitched-ad'

const PREFIX = 'X-NET-LIVE-VIDEO-'
const LIVE = 'live'
/** An ad fills whole segments: its last picture is held this long at most. */
const PADDING_MS = 6000

/** The position at wall clock `atMs`; undefined in live content. */
export function adPositionAt(marks: readonly DateMark[], atMs: number): AdPosition | undefined {
  const begun = marks.filter((mark) => mark.startMs <= atMs)
  const adBreak = latest(begun, BREAK_START) ?? latest(begun, STITCHED_AD)
  if (!adBreak || begun.some((mark) => mark.startMs > adBreak.startMs && isEnd(mark))) return undefined
  const creative = currentCreative(begun, adBreak, atMs)
  // A window may have lost the range that tells of the end.
  if (!creative && !isPlaying(adBreak, atMs)) return undefined
  return {
    breakId: textOf(adBreak, 'AD-BREAK-ID') || textOf(adBreak, 'AD-AD-BREAK-ID'),
    breakDurationMs: adBreak.durationMs,
    podLength: wholeOf(adBreak, 'POD-LENGTH') ?? 0,
    podIndex: creative && wholeOf(creative, 'POD-INDEX'),
    title: creative?.attributes['X-AD-TITLE'] ?? '',
    leftMs: leftOf(creative ?? adBreak, atMs),
  }
}

function isEnd(mark: DateMark): boolean {
  const { className } = mark
  return className === BREAK_END || (className === STREAM_SOURCE && textOf(mark, 'STREAM-SOURCE') === LIVE)
}

/** The last one of the break, unless something else has taken its place: filler has a source but is no creative. */
function currentCreative(begun: readonly DateMark[], adBreak: DateMark, atMs: number): DateMark | undefined {
  const creative = latest(begun, CREATIVE_START)
  if (!creative || creative.startMs < adBreak.startMs || !isPlaying(creative, atMs)) return undefined
  const source = latest(begun, STREAM_SOURCE)
  return source && source.startMs > creative.startMs ? undefined : creative
}

function isPlaying(mark: DateMark, atMs: number): boolean {
  return mark.durationMs === undefined || atMs < mark.startMs + mark.durationMs + PADDING_MS
}

function leftOf(mark: DateMark, atMs: number): number | undefined {
  return mark.durationMs === undefined ? undefined : Math.max(0, mark.startMs + mark.durationMs - atMs)
}

function latest(marks: readonly DateMark[], className: string): DateMark | undefined {
  return marks
    .filter((mark) => mark.className === className)
    .reduce<DateMark | undefined>(
      (last, mark) => (last && last.startMs > mark.startMs ? last : mark),
      undefined,
    )
}

function textOf(mark: DateMark, name: string): string {
  return mark.attributes[`${PREFIX}${name}`] ?? ''
}

function wholeOf(mark: DateMark, name: string): number | undefined {
  const text = textOf(mark, name)
  return /^[0-9]{1,4}$/.test(text) ? Number(text) : undefined
}
