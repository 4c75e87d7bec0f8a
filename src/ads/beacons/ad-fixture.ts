/**
 * Ads and viewers for tests of what is reported about them.
 */
import { plainAd } from '../../media/vast/plain-ad-fixture.ts'
import type { ResolvedAd, TrackingEvent } from '../../media/vast/resolved-ad.ts'
import type { AdViewer } from '../ad-viewer.ts'

/** Everything that a server reports of an ad without progress, in order. */
export const REPORTED_EVENTS: readonly string[] = [
  'impression',
  'creativeView',
  'start',
  'firstQuartile',
  'midpoint',
  'thirdQuartile',
  'complete',
]

/** A tracking event with one URL. */
export function someTracking(event: string, changes: Partial<TrackingEvent> = {}): TrackingEvent {
  return { event, offset: undefined, urls: [`http://ads.test/${event}`], ...changes }
}

/** An ad of 20 s that wants to know everything. */
export function someAd(changes: Partial<ResolvedAd> = {}): ResolvedAd {
  return plainAd({
    adId: 'ad-1',
    sequence: 1,
    adSystem: 'System',
    adTitle: 'Title',
    creativeId: 'creative-1',
    creativeAdId: 'creative-ad-1',
    creativeSequence: '1',
    durationMs: 20_000,
    tracking: REPORTED_EVENTS.map((event) => someTracking(event)),
    ...changes,
  })
}

/** A viewer. */
export function someViewer(changes: Partial<AdViewer> = {}): AdViewer {
  return {
    sessionNumber: 'Session1',
    sessionUuid: '00000000-0000-4000-8000-000000000001',
    streamId: 'st-1',
    channelArn: 'arn:aws:ivs:us-west-2:000000000000:channel/one',
    accountId: '000000000000',
    address: '203.0.113.9',
    userAgent: 'Viewer/1.0',
    referer: '',
    acceptLanguage: 'en',
    claims: {},
    joinedAtMs: 0,
    ...changes,
  }
}
