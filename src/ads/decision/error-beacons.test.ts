import { expect, test } from 'vitest'
import { plainAd } from '../../media/vast/plain-ad-fixture.ts'
import type { SkippedAd } from '../ad-decision.ts'
import { skipBeacons } from './error-beacons.ts'

type Skip = Omit<SkippedAd, 'ad'>

const CODES: readonly (readonly [number, Skip])[] = [
  [407, { reason: 'NEW_CREATIVE' }],
  [407, { reason: 'TRANSCODE_IN_PROGRESS' }],
  [405, { reason: 'TRANSCODE_ERROR', failure: 'unplayable' }],
  [411, { reason: 'TRANSCODE_ERROR', failure: 'unsuitable' }],
  [401, { reason: 'MEDIA_FILE_UNAVAILABLE', failure: 'unavailable' }],
  [402, { reason: 'MEDIA_FILE_UNAVAILABLE', failure: 'timed-out' }],
  [401, { reason: 'MEDIA_FILE_UNAVAILABLE' }],
  [403, { reason: 'NO_VARIANT_MATCH' }],
  [202, { reason: 'AVAIL_DURATION_EXCEEDED' }],
  [202, { reason: 'LEFTOVER_AVAIL_EXCEEDED_THRESHOLD' }],
  [300, { reason: 'INVALID_VAST_WRAPPER_AD' }],
  [900, { reason: 'INTERNAL_ERROR', failure: 'not-tried' }],
]

test.each(CODES)('code %i tells of an ad that was skipped: %o (ssai §4.4)', (code, skip) => {
  const ad = plainAd({
    adId: 'one',
    durationMs: 10_000,
    errorUrls: ['http://ads.test/error?code=[ERRORCODE]', 'http://wrapper.test/[errorcode]'],
  })
  expect(skipBeacons([{ ad, ...skip }])).toEqual([
    `http://ads.test/error?code=${code}`,
    `http://wrapper.test/${code}`,
  ])
})
