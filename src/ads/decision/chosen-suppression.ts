/**
 * Which suppression holds for a break of one session: the player's own, or that of its configuration.
 *
 * Reference: ssai §3.1, §3.4 (suppression), §3.10.
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'

const NONE: AdSettings['suppression'] = { mode: 'OFF', valueSeconds: 0, fillPolicy: 'FULL_AVAIL_ONLY' }

/** None for breaks before the stream, and for players that put ads in by themselves: those decide what they play. */
export function chosenSuppression(
  { suppression }: Pick<AdSettings, 'suppression'>,
  { viewer, adBreak }: Pick<DecisionRequest, 'viewer' | 'adBreak'>,
): AdSettings['suppression'] {
  const { direct } = viewer.claims
  if (adBreak.rollType === 'PREROLL' || direct?.interstitialsPath !== undefined) return NONE
  return direct?.suppression ?? suppression
}
