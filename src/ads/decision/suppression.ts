/**
 * Breaks that stay content because of where they lie for the viewer, as a whole or up to a moment in them.
 *
 * Pure. Reference: ssai §3.4 (suppression).
 */
import { remainingQuartersMs } from '../../domain/ad-break.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { BreakPart } from '../ad-decision.ts'

type Suppression = AdSettings['suppression']
type Place = Pick<DecisionRequest, 'viewer' | 'adBreak' | 'contentTimeMs'>

/** What of the break may be filled; undefined for nothing. */
export function fillablePart(suppression: Suppression, place: Place): 'all' | BreakPart | undefined {
  if (!isSuppressed(suppression, place)) return 'all'
  const { mode, valueSeconds, fillPolicy } = suppression
  const { viewer, adBreak } = place
  // Ads after the end of a stream have no content that could stand before them.
  const isPartial = mode === 'AFTER_LIVE_EDGE' && fillPolicy === 'PARTIAL_AVAIL'
  if (!isPartial || adBreak.rollType !== 'MIDROLL') return undefined
  const beginsAtMs = viewer.joinedAtMs + valueSeconds * 1000
  const durationMs = remainingQuartersMs(adBreak, beginsAtMs)
  return durationMs > 0 ? { beginsAtMs, durationMs } : undefined
}

function isSuppressed(
  { mode, valueSeconds }: Suppression,
  { viewer, adBreak, contentTimeMs }: Place,
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
