import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { BEACON_MEMORY_MS } from '../../domain/beacon-queue.ts'
import { MAX_SEALED_CHARS, SealedReports, type AdReport, type DailySecrets } from './sealed-reports.ts'

const REPORT: AdReport = {
  viewer: {
    sessionNumber: 'Session-Number_1',
    sessionUuid: '00000000-0000-4000-8000-000000000001',
    accountId: '000000000000',
    address: '203.0.113.9',
    userAgent: 'Viewer/1.0 (ü)',
  },
  streamId: 'st-1',
  breakId: 'AbCdEfGhIjKl',
  adIndex: 1,
  configurationName: 'my ads',
  creative: `${'a'.repeat(64)}-900000`,
  timeline: [
    { event: 'impression', atMs: 0, urls: ['https://ads.example/i?a=1', 'https://ads.example/i?a=2'] },
    { event: 'complete', atMs: Infinity, urls: ['https://ads.example/c'] },
  ],
}

function someSecrets(): DailySecrets & { day: number } {
  const keys = [7, 8].map((day) => ({ day, secret: createSecretKey(randomBytes(32)) }))
  return {
    day: 7,
    get current() {
      return keys.find(({ day }) => day === this.day)!
    },
    find: (day) => keys.find((key) => key.day === day),
  }
}

/** Of the kind that does not get shorter by packing. */
function noise(chars: number): string {
  return randomBytes(chars).toString('base64url').slice(0, chars)
}

describe('a sealed report', () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 2))
  const secrets = someSecrets()
  const server = new SealedReports(secrets, clock)

  test('is opened by any server with the same secrets, also on another day', () => {
    const text = server.seal(REPORT)
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(text).not.toContain(Buffer.from('ads.example').toString('base64url').slice(0, 12))
    secrets.day = 8
    const other = new SealedReports(secrets, clock)
    expect(other.open(text)).toEqual({ report: REPORT, isOld: false })
    expect(other.open(other.seal(REPORT))).toEqual({ report: REPORT, isOld: false })
    expect(new SealedReports(someSecrets(), clock).open(text)).toBeUndefined()
  })

  test('is old as soon as what it reports may be forgotten', () => {
    const text = server.seal(REPORT)
    clock.advance(BEACON_MEMORY_MS - 1)
    expect(server.open(text)?.isOld).toBe(false)
    clock.advance(1)
    expect(server.open(text)).toEqual({ report: REPORT, isOld: true })
  })

  test('carries as much as addresses can hold, and says when it is not all', () => {
    const withUrls = (count: number, chars: number): AdReport => ({
      ...REPORT,
      timeline: [
        {
          event: 'start',
          atMs: 0,
          urls: Array.from({ length: count }, () => `https://ads.example/${noise(chars)}`),
        },
      ],
    })
    // What an exchange of several parties tracks: the same long arguments for each event.
    const party = noise(900)
    const usual = {
      ...REPORT,
      timeline: Array.from({ length: 30 }, (_, event) => ({
        event: `event${event}`,
        atMs: event,
        urls: [`https://ads.example/t?e=${event}&context=${party}`],
      })),
    }
    expect(server.open(server.seal(usual))?.report).toEqual(usual)
    const long = server.seal(withUrls(20, 400))
    expect(long.length).toBeLessThan(MAX_SEALED_CHARS)
    expect(server.open(long)?.report).toEqual({ ...REPORT, timeline: undefined })
  })

  test('cannot be changed or made up', () => {
    const text = server.seal(REPORT)
    const bytes = Buffer.from(text, 'base64url')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(changed.readUInt8(at) ^ change, at)
        expect(server.open(changed.toString('base64url'))).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.string(), (garbage) => {
        expect(server.open(garbage)).toBeUndefined()
        expect(server.open(text.slice(0, garbage.length))).toBeUndefined()
      }),
    )
    expect(server.open('A'.repeat(100_000))).toBeUndefined()
  })
})
