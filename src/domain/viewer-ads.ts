/**
 * Port between delivery and the ad side: what a viewing session is shown in place of a rendition.
 *
 * A session that may get ads has URLs of its own from its multivariant playlist on. Outside of breaks it gets the shared
 * text; inside, a view of the rendition in which some segments are ads. Numbers, and the number of parts in each segment,
 * are the same in both, so that whoever waits for media can wait on the rendition itself.
 *
 * Reference: ssai §6, §7.
 */
import type { LiveMedia, LiveRendition } from './live.ts'
import type { AdsClaims } from './viewer-access.ts'

/** Who begins to watch. */
export type NewViewer = {
  /** Number of the viewing session. */
  readonly sessionNumber: string
  readonly address: string
  readonly userAgent: string
  readonly referer: string
  readonly acceptLanguage: string
  readonly claims: AdsClaims
}

/** EXT-X-DATERANGE of a view. */
export type ShownDateRange = {
  /** Segment that it stands before; when that is not listed, the first one after it. */
  readonly msn: number
  readonly id: string
  readonly className: string
  readonly startMs: number
  /** Undefined for one that ends where the next one of its class begins. */
  readonly durationMs: number | undefined
  /** Printed quoted, in order; characters that a quoted string cannot hold are left out. */
  readonly attributes: Readonly<Record<string, string>>
  /** Whether attributes of the session follow: see `ShownRendition.ownAttributes`. */
  readonly isOwn: boolean
}

/** What a session sees of a rendition now. */
export type ShownRendition = {
  /** The rendition itself, or a view of it with ads: the same object for all sessions that see the same. */
  readonly rendition: LiveRendition
  /** Whether there are ads in its window: its text is then the session's own. */
  readonly isPersonal: boolean
  /** Discontinuities that ads brought into this session and that have left the window of `rendition`. */
  readonly discontinuityOffset: number
  /** What is told about the ads in the window, in the order of their segments. */
  readonly dateRanges: () => readonly ShownDateRange[]
  /** What no other session has: attributes for each of `dateRanges` that is its own, in order. */
  readonly ownAttributes: () => readonly Readonly<Record<string, string>>[]
  /** Whether parts of segments are listed: players that stop for ads of their own find their way back between segments only. */
  readonly hasParts: boolean
  /** The content has ended and `rendition` goes on: who waits for its media waits on it, and not on the content. */
  readonly outlivesContent: boolean
  /** Whether what comes next may be of another kind: nothing of it is named before it can be told which (reference ssai §6). */
  readonly hidesNext: boolean
}

/** A session's view of a rendition as it is. */
export function contentOf(
  rendition: LiveRendition,
  discontinuityOffset = 0,
  hidesNext = false,
): ShownRendition {
  return { ...CONTENT, rendition, discontinuityOffset, hidesNext }
}

const NOTHING: readonly never[] = []
const CONTENT: Omit<ShownRendition, 'rendition' | 'discontinuityOffset' | 'hidesNext'> = {
  isPersonal: false,
  hasParts: true,
  dateRanges: () => NOTHING,
  ownAttributes: () => NOTHING,
  outlivesContent: false,
}

/** The ad side as delivery sees it. */
export type ViewerAds = {
  /** Whether a new session of the stream gets ads. */
  readonly wants: (media: LiveMedia, claims: AdsClaims) => boolean
  /** A session began that gets ads. */
  readonly open: (media: LiveMedia, viewer: NewViewer) => void
  /** Asked for every playlist, segment and part; answers at once. */
  readonly show: (media: LiveMedia, rendition: LiveRendition, sessionNumber: string) => ShownRendition
  /** The session fetches segment `msn`, or a part of it, of what it is shown. Returns at once, never throws. */
  readonly fetched: (media: LiveMedia, shown: ShownRendition, sessionNumber: string, msn: number) => void
}

/** Nobody gets ads. */
export const NO_ADS: ViewerAds = {
  wants: () => false,
  open: () => undefined,
  show: (_media, rendition) => contentOf(rendition),
  fetched: () => undefined,
}
