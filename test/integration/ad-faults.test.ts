/**
 * What viewers, ad servers and operators see when ad servers, creatives and beacon targets fail, on the whole server: a
 * viewer for every fault, all in the same breaks of one stream that goes on.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  FAULT_CASES,
  GOOD,
  NOTHING,
  reportsOf,
  type FaultCase,
  type FaultOutcome,
} from '../harness/ad-fault-cases.ts'
import {
  BEACON_RETRY_SECONDS,
  watchFaults,
  type FaultBroadcast,
  type WatchedBreak,
} from '../harness/ad-faults.ts'
import type { TrackingHit } from '../harness/ad-server.ts'
import { probePackets } from '../harness/media/media-programs.ts'
import { adsShownIn } from '../harness/plain-pictures.ts'

const REPORT_WAIT = { timeout: 5000, interval: 100 }
/** Attempts are so far apart, and a sixth more at the most. */
const RETRY_MS = BEACON_RETRY_SECONDS * 1000
const RETRY_WAIT = { timeout: 45_000, interval: 200 }
/** A break without a fault has these. */
const USUAL_EVENTS = [
  'MAKING_ADS_REQUEST',
  'VAST_RESPONSE',
  'VAST_REDIRECT',
  'REDIRECTED_VAST_RESPONSE',
  'FILLED_AVAIL',
  'BEACON_FIRED',
]
const AAC_FRAME_TICKS = 1920

let broadcast: FaultBroadcast

beforeAll(async () => {
  broadcast = await watchFaults()
}, 120_000)

afterAll(() => broadcast[Symbol.asyncDispose]())

test.concurrent.for(FAULT_CASES)(
  '$name: seen, told and reported as it is to be, and then over',
  async (fault, { expect }) => {
    const [failing, healed] = broadcast.breaks
    const [first, second] = outcomesOf(fault)
    const { name } = fault
    expect({ ...(await outcomeOf(name, failing)) }).toEqual(withoutReports(first))
    expect({ ...(await outcomeOf(name, healed)) }).toEqual(withoutReports(second))
    await expect.poll(() => reported(name), REPORT_WAIT).toEqual([...first.reports, ...second.reports])
  },
)

test('the stream goes on for everybody, and no playlist ever contradicts another', () => {
  for (const [name, { viewer }] of broadcast.viewers) expect([name, viewer.faults]).toEqual([name, []])
})

test('there is one break at a time', () => {
  expect(broadcast.conflict).toMatchObject({ name: 'ConflictException' })
})

test('a private address that is not allowed hears nothing at all: no ad request, no fetch, no beacon', () => {
  const { requests, fetchedFiles, hits } = broadcast.inner
  expect({ requests, fetchedFiles, hits }).toEqual({ requests: [], fetchedFiles: [], hits: [] })
})

test('all seven wrappers hear of each event, and those of a chain that is too long of code 302', () => {
  const wrappers = (name: string): readonly string[] =>
    hitsOf(name).flatMap((hit) => (hit.adId.startsWith('wrapper-') ? described(hit) : []))
  const events = reportsOf('').map((event) => event.slice(1))
  for (const event of events) {
    const told = wrappers('seven wrappers').filter((report) => report.endsWith(`:${event}`))
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `wrapper-${number}:${event}`))
  }
  expect(new Set(wrappers('eight wrappers').map((report) => report.split(':')[1]))).toEqual(
    new Set(['error 302']),
  )
})

test('a creative without sound is silent, without a hole in the sound', async () => {
  const { viewer } = broadcast.viewers.get('creative without sound') ?? {}
  const { fromMsn = 0, toMsn = 0 } = broadcast.breaks[1] ?? {}
  const packets = await probePackets(viewer?.media(fromMsn, toMsn) ?? Buffer.alloc(0))
  const times = packets.filter(({ kind }) => kind === 'audio').map(({ dts }) => dts)
  const steps = times.slice(1).map((dts, index) => dts - (times[index] ?? 0))
  expect(steps.filter((ticks) => ticks <= 0 || ticks >= 2 * AAC_FRAME_TICKS)).toEqual([])
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 90_000
  expect(seconds).toBeCloseTo(toMsn - fromMsn, 0)
})

test('a server that was down hears of everything when it is back, later, each once and in order', async () => {
  const { back, backAtMs } = broadcast
  await expect.poll(() => back.hits.length, RETRY_WAIT).toBeGreaterThanOrEqual(GOOD.reports.length)
  expect(back.hits.flatMap(described)).toEqual(GOOD.reports)
  expect(back.hits[0]?.atMs).toBeGreaterThan(backAtMs)
  expect(back.hits[0]?.sessionId).toBe(sessionOf('beacons to a server that is down'))
  expect((back.hits[0]?.atMs ?? 0) - firstSeenAtMs('nothing at fault')).toBeGreaterThan(RETRY_MS - 1000)
}, 60_000)

test('operators see it counted (reference ssai §3.9)', async () => {
  const { server } = broadcast
  const metrics = await (await fetch(new URL('/metrics', server.url('api')))).text()
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1])
  const skipped = FAULT_CASES.flatMap((fault) => outcomesOf(fault).flatMap((outcome) => outcome.skipped))
  for (const [reason, all] of Map.groupBy(skipped, (one) => one)) {
    const series = `headwater_ads_skipped_total\\{reason="${reason}"\\}`
    expect([reason, count(series)]).toEqual([reason, all.length])
  }
  const told = FAULT_CASES.flatMap((fault) => outcomesOf(fault).flatMap((outcome) => outcome.told))
  const errors = told.filter((event) => event.startsWith('ERROR_') && !UNCOUNTED.includes(event))
  expect(count('headwater_ad_server_timeouts_total')).toBe(
    told.filter((event) => event === 'ERROR_ADS_TIMEOUT').length,
  )
  expect(count('headwater_ad_server_errors_total')).toBeGreaterThanOrEqual(errors.length)
  expect(count('headwater_ad_decisions_total\\{outcome="late"\\}')).toBe(0)
  expect(count('headwater_beacon_failed_attempts_total')).toBe(1)
  const outcome = (name: string): number => count(`headwater_beacons_total\\{outcome="${name}"\\}`)
  expect([outcome('given-up'), outcome('dropped'), outcome('uncertain')]).toEqual([GOOD.reports.length, 0, 0])
})

const UNCOUNTED = ['ERROR_FIRING_BEACON_FAILED', 'ERROR_VAST_REDIRECT_FAILED']

function outcomesOf({ first, second = GOOD }: FaultCase): readonly [FaultOutcome, FaultOutcome] {
  return [
    { ...NOTHING, ...first },
    { ...NOTHING, ...second },
  ]
}

function withoutReports({ sees, told, skipped }: FaultOutcome): Omit<FaultOutcome, 'reports'> {
  return { sees, told, skipped }
}

async function outcomeOf(
  name: string,
  watched: WatchedBreak | undefined,
): Promise<Omit<FaultOutcome, 'reports'>> {
  const { fromMsn = 0, toMsn = 0, lines = [] } = watched ?? {}
  const { viewer } = broadcast.viewers.get(name) ?? {}
  const entries = lines.filter(({ fields }) => fields['sessionId'] === sessionOf(name))
  const events = entries.map(({ fields }) => String(fields['eventType']))
  const avails = entries.flatMap(({ fields }) => (fields['avail'] as LoggedAvail | undefined) ?? [])
  return {
    sees: await adsShownIn(viewer?.media(fromMsn, toMsn) ?? Buffer.alloc(0)),
    told: [...new Set(events.filter((event) => !USUAL_EVENTS.includes(event)))],
    skipped: avails.flatMap(({ skippedAds }) =>
      skippedAds.map(({ skippedReason }) => skippedReason as FaultOutcome['skipped'][number]),
    ),
  }
}

type LoggedAvail = { readonly skippedAds: readonly { readonly skippedReason: string }[] }

/** By its ad requests, or else by the configuration that is its own. */
function sessionOf(name: string): string | undefined {
  const { adServer, breaks } = broadcast
  const asked = adServer.requests.find(({ query }) => query.get('case') === name)
  if (asked) return asked.sessionId
  const { configuration } = FAULT_CASES.find((fault) => fault.name === name) ?? {}
  const line = breaks.flatMap(({ lines }) => lines).find(({ fields }) => fields['originId'] === configuration)
  return line?.fields['sessionId'] as string | undefined
}

function hitsOf(name: string): readonly TrackingHit[] {
  const sessionId = sessionOf(name)
  return broadcast.adServer.hits.filter((hit) => hit.sessionId === sessionId)
}

function reported(name: string): readonly string[] {
  return hitsOf(name).flatMap((hit) => (hit.adId.startsWith('wrapper-') ? [] : described(hit)))
}

function described({ adId, event, query }: TrackingHit): readonly string[] {
  const code = query.get('code')
  return [code === null ? `${adId}:${event}` : `${adId}:${event} ${code}`]
}

function firstSeenAtMs(name: string): number {
  return hitsOf(name)[0]?.atMs ?? 0
}
