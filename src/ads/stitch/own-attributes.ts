/**
 * What playlists say of a break that no other session has: which session it is, and what its player is to report.
 *
 * Reference: ssai §1.5 (`CLIENT`), §1.8.
 */
import type { AdViewer } from '../ad-viewer.ts'
import type { PlacedAvail } from '../beacons/tracking-avail.ts'
import type { AdMarkers } from './ad-date-ranges.ts'
import type { AdSession, SessionPod } from './ad-session.ts'
import type { ListedRange } from './pod.ts'

/** How it is said. */
export type OwnAttributesOptions = {
  readonly markers: AdMarkers
  /** Tracking for players that report themselves, as text for an attribute; undefined when there is none. */
  readonly trackingData: (avail: PlacedAvail) => string | undefined
}

/** The attributes of each break in a playlist that lists `listed`, in order. */
export function ownAttributes(
  { viewer, pods }: AdSession,
  listed: ListedRange,
  { markers, trackingData }: OwnAttributesOptions,
): readonly Readonly<Record<string, string>>[] {
  if (markers === 'documented') return []
  return pods
    .filter(({ pod }) => pod.isListedIn(listed))
    .map((one) => one.ownAttributes(() => attributesOf(viewer, one, trackingData)))
}

function attributesOf(
  { sessionUuid, claims, joinedAtMs }: AdViewer,
  pod: SessionPod,
  trackingData: OwnAttributesOptions['trackingData'],
): Readonly<Record<string, string>> {
  const session = { 'X-SESSION-ID': sessionUuid }
  if (claims.reportingMode !== 'CLIENT') return session
  const avail = pod.avail(joinedAtMs)
  const tracking = avail && trackingData(avail)
  return tracking === undefined ? session : { ...session, 'X-TRACKING-DATA': tracking }
}
