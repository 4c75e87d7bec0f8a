/**
 * The end of a viewer's right to watch a channel (reference ivs-behaviour §7).
 */

/** Stream sessions last 48 hours at most and playback tokens 10 minutes: a revocation outlives both. */
export const REVOCATION_LIFETIME_MS: number = (48 * 60 + 10) * 60 * 1000

/** Which sessions of which viewer may not play which channel. */
export type ViewerSessionRevocation = {
  readonly accountId: string
  readonly channelArn: string
  /** As the playback token names the viewer; 1 to 40 characters. */
  readonly viewerId: string
  /** This version and every lower one is revoked; a whole number ≥ 0. */
  readonly version: number
  /** Milliseconds since the Unix epoch. */
  readonly revokedAtMs: number
}
