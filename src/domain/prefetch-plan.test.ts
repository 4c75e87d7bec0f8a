import { expect, test } from 'vitest'
import { prefetchPlanOf, prefetchSpreadMs } from './prefetch-plan.ts'
import { newPrefetchSchedule, type PrefetchMembers } from './prefetch-schedule.ts'

const NOW_MS = 1_767_225_600_000
const SECONDS = NOW_MS / 1000
const BIRTH = { region: 'us-west-2', accountId: '123456789012', nowMs: NOW_MS }

function planOf(document: PrefetchMembers) {
  const scheduleType = document.RecurringPrefetchConfiguration ? 'RECURRING' : 'SINGLE'
  const request = { configurationName: 'ads', name: 'one', streamId: 's', tags: undefined }
  return prefetchPlanOf(newPrefetchSchedule(BIRTH, { ...request, scheduleType, document }))
}

test('a schedule without beginnings has begun, and spreads its requests over ten seconds', () => {
  expect(planOf({ Retrieval: { EndTime: SECONDS + 60 }, Consumption: { EndTime: SECONDS + 90 } })).toEqual({
    id: `arn:aws:mediatailor:us-west-2:123456789012:prefetchSchedule/ads/one ${NOW_MS}`,
    accountId: '123456789012',
    configurationName: 'ads',
    streamId: 's',
    retrieval: { startMs: NOW_MS, endMs: NOW_MS + 60_000 },
    consumption: { startMs: NOW_MS, endMs: NOW_MS + 90_000 },
    recurrence: undefined,
    variables: {},
    shaping: { kind: 'window', durationMs: 10_000 },
    matching: [],
  })
})

test('every member of a schedule for one break counts (ssai §2.4)', () => {
  const plan = planOf({
    Retrieval: {
      StartTime: SECONDS + 5,
      EndTime: SECONDS + 60,
      DynamicVariables: { 'scte.event_id': '7' },
      TrafficShapingType: 'RETRIEVAL_WINDOW',
      TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 30 },
    },
    Consumption: {
      StartTime: SECONDS + 70,
      EndTime: SECONDS + 90,
      AvailMatchingCriteria: [{ DynamicVariable: 'scte.event_id' }],
    },
  })
  expect(plan).toMatchObject({
    retrieval: { startMs: NOW_MS + 5000, endMs: NOW_MS + 60_000 },
    consumption: { startMs: NOW_MS + 70_000, endMs: NOW_MS + 90_000 },
    variables: { 'scte.event_id': '7' },
    shaping: { kind: 'window', durationMs: 30_000 },
    matching: ['scte.event_id'],
  })
})

test('every member of a recurring schedule counts (ssai §2.4)', () => {
  const plan = planOf({
    RecurringPrefetchConfiguration: {
      StartTime: SECONDS + 5,
      EndTime: SECONDS + 3600,
      RecurringRetrieval: {
        DynamicVariables: { 'avail.index': '1' },
        DelayAfterAvailEndSeconds: 20,
        TrafficShapingType: 'TPS',
        TrafficShapingTpsConfiguration: { PeakTps: 100, PeakConcurrentUsers: 5000 },
      },
      RecurringConsumption: {
        RetrievedAdExpirationSeconds: 600,
        AvailMatchingCriteria: [{ DynamicVariable: 'avail.index' }],
      },
    },
  })
  const window = { startMs: NOW_MS + 5000, endMs: NOW_MS + 3_600_000 }
  expect(plan).toMatchObject({
    retrieval: window,
    consumption: window,
    recurrence: { delayMs: 20_000, keptMs: 600_000 },
    variables: { 'avail.index': '1' },
    shaping: { kind: 'rate', perSecond: 100, viewers: 5000 },
    matching: ['avail.index'],
  })
})

test('a recurring schedule asks at once and keeps ads to its end, when nothing else is said', () => {
  const members = { EndTime: SECONDS + 60, RecurringRetrieval: {}, RecurringConsumption: {} }
  const plan = planOf({ RecurringPrefetchConfiguration: members })
  expect(plan.recurrence).toEqual({ delayMs: 0, keptMs: Infinity })
  expect(plan.consumption.endMs).toBe(NOW_MS + 60_000)
})

test.each([
  { shaping: { kind: 'window', durationMs: 60_000 } as const, viewers: 9, spreadMs: 60_000 },
  { shaping: { kind: 'rate', perSecond: 100, viewers: 5000 } as const, viewers: 9, spreadMs: 50_000 },
  { shaping: { kind: 'rate', perSecond: 10, viewers: undefined } as const, viewers: 250, spreadMs: 25_000 },
])('requests of $viewers viewers with $shaping are spread over $spreadMs ms', (row) => {
  expect(prefetchSpreadMs(row.shaping, row.viewers)).toBe(row.spreadMs)
})
