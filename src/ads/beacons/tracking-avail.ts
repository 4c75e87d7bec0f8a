/**
 * What a player is told that reports by itself: the ads of one break with everything that is to be reported about them.
 *
 * Pure. Times count from the beginning of the viewing session; segments are named by their media sequence numbers.
 *
 * Reference: ssai §3.8, §1.5 (`CLIENT`).
 */
import type { ResolvedAd, TrackingEvent } from '../../media/vast/resolved-ad.ts'
import { eventPlaceMs } from './beacon-timeline.ts'

/** An ad where a session sees it. */
export type PlacedAd = {
  readonly ad: ResolvedAd
  /** Length of what is played, without padding. */
  readonly mediaDurationMs: number
  readonly startMs: number
  /** The segments it takes, in order; at least one. */
  readonly segments: readonly { readonly msn: number; readonly durationMs: number }[]
}

/** The ads of one break as a session sees them. */
export type PlacedAvail = {
  /** In order; at least one. */
  readonly ads: readonly PlacedAd[]
  /** Length of the break that was asked for. */
  readonly breakDurationMs?: number
  /** Wall clock of the first ad segment; milliseconds since the Unix epoch. */
  readonly programDateTimeMs?: number
}

/** A stretch of time, twice. */
export type TrackingTime = {
  /** ISO 8601, e.g. `PT15.1S`. */
  readonly duration: string
  readonly durationInSeconds: number
  readonly startTime: string
  readonly startTimeInSeconds: number
}

/** One event, with the URLs to call. */
export type TrackingEventJson = TrackingTime & {
  readonly eventType: string
  /** Media sequence number of the segment it lies in. */
  readonly eventId: string
  readonly beaconUrls: readonly string[]
}

/** One ad. */
export type TrackingAdJson = TrackingTime & {
  /** Media sequence number of its first segment. */
  readonly adId: string
  readonly adSystem: string
  readonly adTitle: string
  readonly adParameters: string
  readonly creativeId: string
  readonly creativeSequence: string
  readonly vastAdId: string
  readonly skipOffset: string | null
  readonly adVerifications: readonly unknown[]
  readonly companionAds: readonly unknown[]
  readonly extensions: readonly unknown[]
  readonly icons: readonly unknown[]
  readonly mediaFiles: { readonly mediaFilesList: readonly unknown[]; readonly mezzanine: string }
  readonly trackingEvents: readonly TrackingEventJson[]
}

/** One break. */
export type TrackingAvailJson = TrackingTime & {
  /** Media sequence number of its first segment. */
  readonly availId: string
  readonly adMarkerDuration: string | null
  readonly adProgramDateTime: string | null
  readonly hlsAnchorMediaSequenceNumber: string | null
  readonly dateTime: string | null
  readonly ads: readonly TrackingAdJson[]
}

const MS_PER_SECOND = 1000
const SECONDS_PER_MINUTE = 60
const MINUTES_PER_HOUR = 60

/** The member of `avails` for one break. */
export function trackingAvail(avail: PlacedAvail): TrackingAvailJson {
  const [first] = avail.ads
  const startMs = first?.startMs ?? 0
  const durationMs = avail.ads.reduce((sum, { mediaDurationMs }) => sum + mediaDurationMs, 0)
  const { breakDurationMs, programDateTimeMs } = avail
  return {
    availId: `${first?.segments[0]?.msn ?? 0}`,
    ...trackingTime(startMs, durationMs),
    adMarkerDuration: breakDurationMs === undefined ? null : isoDuration(breakDurationMs),
    adProgramDateTime: programDateTimeMs === undefined ? null : new Date(programDateTimeMs).toISOString(),
    hlsAnchorMediaSequenceNumber: null,
    dateTime: null,
    ads: avail.ads.map(trackingAd),
  }
}

/** The same for a playlist's `X-TRACKING-DATA`: base64 of the JSON. */
export function printTrackingAttribute(avail: PlacedAvail): string {
  return Buffer.from(JSON.stringify(trackingAvail(avail))).toString('base64')
}

/** A whole number of milliseconds as an ISO 8601 duration, e.g. `PT1M0.5S`. */
export function isoDuration(ms: number): string {
  const seconds = Math.floor(Math.round(ms) / MS_PER_SECOND)
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE)
  const hours = Math.floor(minutes / MINUTES_PER_HOUR)
  const rest = (Math.round(ms) - minutes * SECONDS_PER_MINUTE * MS_PER_SECOND) / MS_PER_SECOND
  const parts = [
    hours > 0 ? `${hours}H` : '',
    minutes % MINUTES_PER_HOUR > 0 ? `${minutes % MINUTES_PER_HOUR}M` : '',
    rest > 0 ? `${rest}S` : '',
  ].join('')
  return `PT${parts === '' ? '0S' : parts}`
}

function trackingAd(placed: PlacedAd): TrackingAdJson {
  const { ad, startMs, mediaDurationMs } = placed
  return {
    adId: `${placed.segments[0]?.msn ?? 0}`,
    ...trackingTime(startMs, mediaDurationMs),
    adSystem: ad.adSystem,
    adTitle: ad.adTitle,
    adParameters: ad.adParameters,
    creativeId: ad.creativeId,
    creativeSequence: ad.creativeSequence,
    vastAdId: ad.adId,
    skipOffset: ad.skipOffset ?? null,
    adVerifications: ad.adVerifications,
    companionAds: ad.companionAds,
    extensions: ad.extensions,
    icons: ad.icons,
    // What is played is in the playlist already.
    mediaFiles: { mediaFilesList: [], mezzanine: '' },
    trackingEvents: [...ad.tracking, ...otherEvents(ad)].map((event) => trackingEvent(placed, event)),
  }
}

/** What a player reports that VAST does not write as tracking. */
function otherEvents(ad: ResolvedAd): readonly TrackingEvent[] {
  const clickThrough = ad.clickThrough === undefined ? [] : [ad.clickThrough]
  const events = [
    { event: 'clickThrough', offset: undefined, urls: clickThrough },
    { event: 'clickTracking', offset: undefined, urls: ad.clickTracking },
    { event: 'error', offset: undefined, urls: ad.errorUrls },
  ]
  return events.filter(({ urls }) => urls.length > 0)
}

function trackingEvent(placed: PlacedAd, tracking: TrackingEvent): TrackingEventJson {
  const { mediaDurationMs, startMs } = placed
  const atMs = Math.min(eventPlaceMs(tracking, mediaDurationMs) ?? 0, mediaDurationMs)
  const durationMs = tracking.event === 'impression' ? mediaDurationMs : 0
  return {
    eventType: tracking.event,
    eventId: `${msnAt(placed, atMs)}`,
    beaconUrls: tracking.urls,
    ...trackingTime(startMs + atMs, durationMs),
  }
}

/** The segment in which a server would report (reference ssai §3.7). */
function msnAt({ segments }: PlacedAd, atMs: number): number {
  let endMs = 0
  for (const { msn, durationMs } of segments) {
    endMs += durationMs
    if (endMs >= atMs) return msn
  }
  return segments.at(-1)?.msn ?? 0
}

function trackingTime(startMs: number, durationMs: number): TrackingTime {
  return {
    duration: isoDuration(durationMs),
    durationInSeconds: Math.round(durationMs) / MS_PER_SECOND,
    startTime: isoDuration(startMs),
    startTimeInSeconds: Math.round(startMs) / MS_PER_SECOND,
  }
}
