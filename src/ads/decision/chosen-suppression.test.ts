import { expect, test } from 'vitest'
import type { AdRollType } from '../../domain/ad-break.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DirectAds } from '../../domain/viewer-access.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import { chosenSuppression } from './chosen-suppression.ts'

const suppression = { mode: 'BEHIND_LIVE_EDGE', valueSeconds: 30, fillPolicy: 'FULL_AVAIL_ONLY' } as const
const OWN: AdSettings['suppression'] = { ...suppression, mode: 'AFTER_LIVE_EDGE', valueSeconds: 5 }

function chosen(direct: Partial<DirectAds> | undefined, rollType: AdRollType = 'MIDROLL'): string {
  const request = { viewer: { claims: direct ? { direct } : {} }, adBreak: { rollType } }
  return chosenSuppression({ suppression }, request as unknown as DecisionRequest).mode
}

test('what a player asks for holds in place of what its configuration says (ssai §3.1)', () => {
  expect(chosen(undefined)).toBe('BEHIND_LIVE_EDGE')
  expect(chosen({})).toBe('BEHIND_LIVE_EDGE')
  expect(chosen({ suppression: OWN })).toBe('AFTER_LIVE_EDGE')
})

test('nothing is suppressed before a stream, and for players that put ads in by themselves (ssai §3.10)', () => {
  expect(chosen({ suppression: OWN }, 'PREROLL')).toBe('OFF')
  expect(chosen({ suppression: OWN, interstitialsPath: '/i' })).toBe('OFF')
})
