/**
 * The document that players poll which report by themselves: the breaks of a session, in pages.
 *
 * Pure. Its route, and how long breaks stay in it, are not done here.
 *
 * Reference: ssai §3.8.
 */
import {
  trackingAvail,
  type PlacedAvail,
  type TrackingAdJson,
  type TrackingAvailJson,
} from './tracking-avail.ts'

/** The answer to a poll. */
export type TrackingDocument = {
  readonly avails: readonly TrackingAvailJson[]
  readonly nonLinearAvails: readonly []
  /** For what comes later. */
  readonly nextToken: string
}

/** The last event that a player has got: its break by number, its ad and itself by their places. */
export type TrackingPosition = readonly [availMsn: number, adIndex: number, eventIndex: number]

/** A token as it was handed back. */
export type TrackingToken =
  | { readonly kind: 'valid'; readonly position: TrackingPosition }
  | { readonly kind: 'expired' }
  | { readonly kind: 'malformed' }

/** What a page contains. */
export type TrackingPage = {
  /** Only events behind this; undefined for all. */
  readonly after?: TrackingPosition | undefined
  readonly maxEvents?: number
  readonly nowMs: number
}

/** How long a token can be handed back. */
export const TRACKING_TOKEN_LIFETIME_MS: number = 24 * 60 * 60 * 1000
const DEFAULT_MAX_EVENTS = 1000
const BEFORE_ALL: TrackingPosition = [-1, 0, 0]
const MAX_TOKEN_CHARS = 256
const TOKEN = /^(-?\d{1,15})\.(\d{1,6})\.(\d{1,6})\.(\d{1,15})$/

/** A page of the session's breaks, which are in the order of their numbers. */
export function trackingDocument(avails: readonly PlacedAvail[], page: TrackingPage): TrackingDocument {
  const { after = BEFORE_ALL, maxEvents = DEFAULT_MAX_EVENTS, nowMs } = page
  let position = after
  let room = maxEvents
  const shown: TrackingAvailJson[] = []
  for (const avail of avails.map(trackingAvail)) {
    const ads: TrackingAdJson[] = []
    for (const [adIndex, ad] of avail.ads.entries()) {
      const cut = eventsBehind(ad, { availMsn: Number(avail.availId), adIndex, after, room })
      if (!cut) continue
      room -= cut.ad.trackingEvents.length
      position = cut.last
      ads.push(cut.ad)
    }
    if (ads.length > 0) shown.push({ ...avail, ads })
  }
  return { avails: shown, nonLinearAvails: [], nextToken: printToken(position, nowMs) }
}

/** Reads a token that `trackingDocument` made. */
export function parseTrackingToken(text: string, nowMs: number): TrackingToken {
  if (text.length > MAX_TOKEN_CHARS) return { kind: 'malformed' }
  const match = TOKEN.exec(Buffer.from(text, 'base64url').toString('latin1'))
  if (!match) return { kind: 'malformed' }
  const [availMsn = 0, adIndex = 0, eventIndex = 0, issuedAtMs = 0] = match.slice(1).map(Number)
  if (nowMs - issuedAtMs >= TRACKING_TOKEN_LIFETIME_MS) return { kind: 'expired' }
  return { kind: 'valid', position: [availMsn, adIndex, eventIndex] }
}

function printToken(position: TrackingPosition, nowMs: number): string {
  return Buffer.from([...position, nowMs].join('.')).toString('base64url')
}

function eventsBehind(
  ad: TrackingAdJson,
  cut: {
    readonly availMsn: number
    readonly adIndex: number
    readonly after: TrackingPosition
    readonly room: number
  },
): { readonly ad: TrackingAdJson; readonly last: TrackingPosition } | undefined {
  const { availMsn, adIndex, after, room } = cut
  const isBehind = (eventIndex: number): boolean => compare([availMsn, adIndex, eventIndex], after) > 0
  const from = ad.trackingEvents.findIndex((_, eventIndex) => isBehind(eventIndex))
  if (from === -1 || room <= 0) return undefined
  const trackingEvents = ad.trackingEvents.slice(from, from + room)
  const last: TrackingPosition = [availMsn, adIndex, from + trackingEvents.length - 1]
  return { ad: { ...ad, trackingEvents }, last }
}

function compare(one: TrackingPosition, other: TrackingPosition): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2]
}
