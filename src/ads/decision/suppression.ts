/**
 * Breaks that stay content because of where they lie for the viewer.
 *
 * A break can be shown as a whole or not at all: with `PARTIAL_AVAIL` too, one that begins too early in a session is
 * content.
 *
 * Reference: ssai §3.4 (suppression).
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'

/** Whether the break is not filled. */
export function isSuppressed(
  { mode, valueSeconds }: AdSettings['suppression'],
  { viewer, adBreak, contentTimeMs }: Pick<DecisionRequest, 'viewer' | 'adBreak' | 'contentTimeMs'>,
): boolean {
  switch (mode) {
    case 'OFF':
      return false
    case 'BEHIND_LIVE_EDGE':
      // The viewer joins at the live edge: for a late one the break began this long ago.
      return contentTimeMs - adBreak.targetStartMs > valueSeconds * 1000
    case 'AFTER_LIVE_EDGE':
      return contentTimeMs - viewer.joinedAtMs < valueSeconds * 1000
  }
}
