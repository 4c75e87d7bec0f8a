/**
 * Which events of an ad are reported, and in which piece of it each becomes due.
 *
 * An event is due in the first piece (segment or part) that ends at or behind the event's place, the end of the ad in the
 * last piece: 20 s in pieces of 2 s report a quarter in the third, half in the fifth, three quarters in the eighth.
 * Pure. That each is reported once is `beacon-sender.ts`.
 *
 * Reference: ssai §3.7, §4.3, §4.7.
 */
import type { ResolvedAd, TrackingEvent } from '../../media/vast/resolved-ad.ts'
import type { DueBeacon } from '../beacon.ts'

/** An event of an ad with its place in it. */
export type TimelineEvent = Pick<DueBeacon, 'event' | 'urls'> & {
  /** From the ad's beginning; `Infinity` for what ends with it. */
  readonly atMs: number
}

/** The events of one ad in the order in which they become due; each name once. */
export type BeaconTimeline = readonly TimelineEvent[]

/** A segment or part of an ad, by its place in the ad's media. */
export type AdPiece = {
  readonly fromMs: number
  readonly toMs: number
  readonly isFirst: boolean
  /** What was not due before is due now. */
  readonly isLast: boolean
}

type Place = { readonly share: number } | 'end'

/** What a server can tell of a viewer, in the order of events at one place. */
const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ['breakStart', { share: 0 }],
  ['impression', { share: 0 }],
  ['creativeView', { share: 0 }],
  ['start', { share: 0 }],
  ['firstQuartile', { share: 0.25 }],
  ['midpoint', { share: 0.5 }],
  ['thirdQuartile', { share: 0.75 }],
  ['complete', 'end'],
  ['breakEnd', 'end'],
])
const ORDER: ReadonlyMap<string, number> = new Map([...PLACES.keys()].map((event, rank) => [event, rank]))
const PROGRESS = 'progress'

/**
 * The events of `ad` that a server can report; the others (muting, clicks, …) only a player knows.
 *
 * Begin and end of its break are among its own when it is the first or the last (`withBreakTracking`).
 *
 * @param mediaDurationMs length of what is played, without padding; more than 0.
 */
export function beaconTimeline(ad: ResolvedAd, mediaDurationMs: number): BeaconTimeline {
  const events = new Map<string, { readonly atMs: number; readonly urls: string[] }>()
  for (const tracking of ad.tracking) {
    const placed = placeOf(tracking, mediaDurationMs, ad.durationMs)
    if (!placed || tracking.urls.length === 0) continue
    const known = events.get(placed.event)
    if (known) known.urls.push(...tracking.urls)
    else events.set(placed.event, { atMs: placed.atMs, urls: [...tracking.urls] })
  }
  return [...events]
    .map(([event, { atMs, urls }]) => ({ event, atMs, urls }))
    .sort((one, other) => one.atMs - other.atMs || rankOf(one.event) - rankOf(other.event))
}

/** The events of `timeline` that are due when `piece` is fetched, in order. */
export function dueInPiece(timeline: BeaconTimeline, piece: AdPiece): readonly TimelineEvent[] {
  const { fromMs, toMs, isFirst, isLast } = piece
  return timeline.filter(({ atMs }) => (isFirst || atMs > fromMs) && (isLast || atMs <= toMs))
}

/**
 * Where an event lies in its ad, in milliseconds from the beginning.
 *
 * @returns `Infinity` for what ends with the ad, undefined for what only a player knows.
 */
export function eventPlaceMs({ event, offset }: TrackingEvent, mediaDurationMs: number): number | undefined {
  const place = PLACES.get(event)
  if (place === 'end') return Infinity
  if (place) return place.share * mediaDurationMs
  if (event !== PROGRESS || !offset) return undefined
  return 'ms' in offset ? offset.ms : Math.round(offset.share * mediaDurationMs)
}

function placeOf(
  tracking: TrackingEvent,
  mediaDurationMs: number,
  announcedMs: number,
): { readonly event: string; readonly atMs: number } | undefined {
  const atMs = eventPlaceMs(tracking, mediaDurationMs)
  if (atMs === undefined) return undefined
  if (tracking.event !== PROGRESS) return { event: tracking.event, atMs }
  // Media that is a little shorter than announced still reaches its end.
  if (atMs > Math.max(mediaDurationMs, announcedMs)) return undefined
  return { event: `${PROGRESS}:${atMs}`, atMs }
}

/** Progress comes behind the named events of its place, but before the end. */
function rankOf(event: string): number {
  return ORDER.get(event) ?? PLACES.size
}
