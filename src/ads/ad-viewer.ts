/**
 * A viewing session as the ad side knows it: everything that an ad request or a beacon says about the viewer. Fixed when
 * the session begins (reference ssai §1.5, §3.2).
 */
import type { AdsClaims } from '../domain/viewer-access.ts'

/** One viewer of one stream. */
export type AdViewer = {
  /** Number of the viewing session; letters, digits, `-` and `_`. */
  readonly sessionNumber: string
  /** `[session.uuid]`: made of the number. */
  readonly sessionUuid: string
  readonly streamId: string
  readonly channelArn: string
  readonly accountId: string
  readonly address: string
  readonly userAgent: string
  readonly referer: string
  readonly acceptLanguage: string
  readonly claims: AdsClaims
  readonly joinedAtMs: number
}

/** What a beacon says of its viewer, and by what it is known again. */
export type BeaconViewer = Pick<
  AdViewer,
  'sessionNumber' | 'sessionUuid' | 'accountId' | 'address' | 'userAgent'
>
