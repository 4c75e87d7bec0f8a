import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { someAd, someTracking } from './ad-fixture.ts'
import { isoDuration, printTrackingAttribute, trackingAvail, type PlacedAvail } from './tracking-avail.ts'
import { parseTrackingToken, trackingDocument, TRACKING_TOKEN_LIFETIME_MS } from './tracking-document.ts'

function segments(firstMsn: number, count: number): { readonly msn: number; readonly durationMs: number }[] {
  return Array.from({ length: count }, (_, index) => ({ msn: firstMsn + index, durationMs: 2000 }))
}

function someAvail(firstMsn = 8_104_385): PlacedAvail {
  const tracking = ['impression', 'midpoint', 'complete'].map((event) => someTracking(event))
  const ad = someAd({ tracking, durationMs: 15_100 })
  return { ads: [{ ad, mediaDurationMs: 15_100, startMs: 17_817, segments: segments(firstMsn, 8) }] }
}

test('a break is told in the members and forms that players know (ssai 3.8)', () => {
  const adTime = {
    duration: 'PT15.1S',
    durationInSeconds: 15.1,
    startTime: 'PT17.817S',
    startTimeInSeconds: 17.817,
  }
  const noTime = { duration: 'PT0S', durationInSeconds: 0 }
  expect(trackingAvail(someAvail())).toEqual({
    availId: '8104385',
    ...adTime,
    adMarkerDuration: null,
    adProgramDateTime: null,
    hlsAnchorMediaSequenceNumber: null,
    dateTime: null,
    ads: [
      {
        adId: '8104385',
        ...adTime,
        adSystem: 'System',
        adTitle: 'Title',
        adParameters: '',
        creativeId: 'creative-1',
        creativeSequence: '1',
        vastAdId: 'ad-1',
        skipOffset: null,
        adVerifications: [],
        companionAds: [],
        extensions: [],
        icons: [],
        mediaFiles: { mediaFilesList: [], mezzanine: '' },
        trackingEvents: [
          {
            eventType: 'impression',
            eventId: '8104385',
            beaconUrls: ['http://ads.test/impression'],
            ...adTime,
          },
          {
            eventType: 'midpoint',
            eventId: '8104388',
            beaconUrls: ['http://ads.test/midpoint'],
            ...noTime,
            startTime: 'PT25.367S',
            startTimeInSeconds: 25.367,
          },
          {
            eventType: 'complete',
            eventId: '8104392',
            beaconUrls: ['http://ads.test/complete'],
            ...noTime,
            startTime: 'PT32.917S',
            startTimeInSeconds: 32.917,
          },
        ],
      },
    ],
  })
})

test('a player also hears of what only players can report, and of the clock', () => {
  const ad = someAd({
    tracking: [someTracking('mute'), someTracking('progress', { offset: { ms: 3000 } })],
    clickThrough: 'http://ads.test/to',
    clickTracking: ['http://ads.test/click'],
    errorUrls: ['http://ads.test/error'],
    skipOffset: '00:00:05',
  })
  const placed = { ad, mediaDurationMs: 20_000, startMs: 60_000, segments: segments(7, 10) }
  const avail = trackingAvail({ ads: [placed], breakDurationMs: 30_000, programDateTimeMs: 0 })
  expect(avail).toMatchObject({ adMarkerDuration: 'PT30S', adProgramDateTime: '1970-01-01T00:00:00.000Z' })
  expect(avail.ads[0]?.skipOffset).toBe('00:00:05')
  const events = avail.ads[0]?.trackingEvents.map(({ eventType, eventId, startTime }) => [
    eventType,
    eventId,
    startTime,
  ])
  expect(events).toEqual([
    ['mute', '7', 'PT1M'],
    ['progress', '8', 'PT1M3S'],
    ['clickThrough', '7', 'PT1M'],
    ['clickTracking', '7', 'PT1M'],
    ['error', '7', 'PT1M'],
  ])
})

test.each([
  [0, 'PT0S'],
  [15_100, 'PT15.1S'],
  [60_500, 'PT1M0.5S'],
  [3_600_000, 'PT1H'],
  [3_723_004, 'PT1H2M3.004S'],
])('%i ms are %s', (ms, text) => {
  expect(isoDuration(ms)).toBe(text)
})

test('the attribute of a playlist is the same break as base64, without a character that an attribute cannot hold', () => {
  const attribute = printTrackingAttribute(someAvail())
  expect(attribute).toMatch(/^[A-Za-z0-9+/]+=*$/)
  expect(JSON.parse(Buffer.from(attribute, 'base64').toString())).toEqual(trackingAvail(someAvail()))
})

test('a page behind a token has only what came later', () => {
  const [first, second] = [someAvail(100), someAvail(200)]
  const page = trackingDocument([first], { nowMs: 5 })
  expect(page).toMatchObject({ avails: [{ availId: '100' }], nonLinearAvails: [] })
  const token = parseTrackingToken(page.nextToken, 6)
  expect(token).toEqual({ kind: 'valid', position: [100, 0, 2] })
  const after = token.kind === 'valid' ? token.position : undefined
  const next = trackingDocument([first, second], { after, nowMs: 6 })
  expect(next.avails.map(({ availId }) => availId)).toEqual(['200'])
  const empty = trackingDocument([first], { after, nowMs: 7 })
  expect(empty.avails).toEqual([])
  expect(parseTrackingToken(empty.nextToken, 7)).toEqual(token)
})

test('a token is good for a day, and nothing else is a token (ssai 3.8)', () => {
  const { nextToken } = trackingDocument([], { nowMs: 1000 })
  expect(parseTrackingToken(nextToken, 1000 + TRACKING_TOKEN_LIFETIME_MS - 1).kind).toBe('valid')
  expect(parseTrackingToken(nextToken, 1000 + TRACKING_TOKEN_LIFETIME_MS)).toEqual({ kind: 'expired' })
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseTrackingToken(text, 0).kind).toBe('malformed')
    }),
  )
})

test('pages of any size have every event once and in order', () => {
  const pageSize = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(
      pageSize,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      (maxEvents, breaks, ads) => {
        const avails = Array.from({ length: breaks }, (_, index) => ({
          ads: Array.from({ length: ads }, () => someAvail(100 * (index + 1)).ads).flat(),
        }))
        const all = avails.flatMap((avail) => eventsOf([trackingAvail(avail)]))
        const paged: string[] = []
        let after: Parameters<typeof trackingDocument>[1]['after']
        for (let pages = 0; pages <= all.length; pages++) {
          const document = trackingDocument(avails, { after, maxEvents, nowMs: 0 })
          const events = eventsOf(document.avails)
          expect(events.length).toBeLessThanOrEqual(maxEvents)
          paged.push(...events)
          const token = parseTrackingToken(document.nextToken, 0)
          after = token.kind === 'valid' ? token.position : undefined
        }
        expect(paged).toEqual(all)
      },
    ),
  )
})

function eventsOf(avails: ReturnType<typeof trackingDocument>['avails']): readonly string[] {
  return avails.flatMap(({ availId, ads }) =>
    ads.flatMap(({ trackingEvents }) => trackingEvents.map(({ eventType }) => `${availId} ${eventType}`)),
  )
}
