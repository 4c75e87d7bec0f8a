import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { LiveMedia, RenditionDescription } from '../domain/live.ts'
import type { SessionKey } from './session-keys.ts'
import { isRenditionAllowed, ViewerGate } from './viewer-gate.ts'
import { ViewerSessions } from './viewer-sessions.ts'

const CHANNEL = newChannel({ region: 'us-west-2', accountId: '111111111111', nowMs: 0 }, {})
const PAGES = ['https://a.example.com', 'https://b.example.com', 'null']
const LIFETIME_MS = 48 * 60 * 60 * 1000

/** A request, and everything that decides about it. */
const situations = fc.record({
  shows: fc.constantFrom('nothing', 'its session', 'one of another stream', 'a forged one', 'an altered one'),
  isGuarded: fc.boolean(),
  isRevoked: fc.boolean(),
  hasViewerId: fc.boolean(),
  strictOrigins: fc.option(fc.subarray(PAGES.slice(0, 2), { minLength: 1 }), { nil: undefined }),
  origin: fc.option(fc.constantFrom(...PAGES), { nil: undefined }),
  ageMs: fc.constantFrom(0, LIFETIME_MS - 1000, LIFETIME_MS, 2 * LIFETIME_MS),
  wasSeenBefore: fc.boolean(),
})
type Situation = typeof situations extends fc.Arbitrary<infer Value> ? Value : never

function mayPass(one: Situation): boolean {
  if (one.shows === 'nothing') return !one.isGuarded
  if (one.shows !== 'its session' || one.ageMs >= LIFETIME_MS) return false
  if (one.hasViewerId && one.isRevoked) return false
  return one.strictOrigins === undefined || one.strictOrigins.some((page) => page === one.origin)
}

function sessionsWith(key: SessionKey, clock: ManualClock): ViewerSessions {
  return new ViewerSessions({ current: key, find: (day) => (day === key.day ? key : undefined) }, clock)
}

function keyOf(day: number): SessionKey {
  return { day, secret: createSecretKey(randomBytes(32)) }
}

function mediaOf(streamId: string): LiveMedia {
  const rest = { latencyMode: 'LOW', startTimeMs: 0, transcoded: false, renditions: [] } as const
  return { ...rest, streamId, channel: CHANNEL }
}

test('lets in whom a small model of the rules lets in, and nobody else', () => {
  const [mine, others] = [keyOf(1), keyOf(1)]
  fc.assert(
    fc.property(situations, (one) => {
      const clock = new ManualClock()
      const sessions = sessionsWith(mine, clock)
      const { strictOrigins } = one
      const rules = {
        ...(one.hasViewerId && { viewerId: 'v', viewerSessionVersion: 3 }),
        ...(strictOrigins && { strictOrigins }),
      }
      const signer = one.shows === 'a forged one' ? sessionsWith(others, clock) : sessions
      const { id } = signer.open(one.shows === 'one of another stream' ? 'st-b' : 'st-a', rules)
      if (one.wasSeenBefore) for (const streamId of ['st-a', 'st-b']) sessions.find(id, streamId)
      clock.advance(one.ageMs)
      const gate = new ViewerGate(sessions, {
        isGuarded: () => one.isGuarded,
        isRevoked: ({ channelArn, viewerId, viewerSessionVersion }) =>
          one.isRevoked && channelArn === CHANNEL.arn && viewerId === 'v' && viewerSessionVersion === 3,
      })
      const shownId =
        one.shows === 'an altered one' ? `${id.slice(0, 12)}${id[12] === 'A' ? 'B' : 'A'}${id.slice(13)}` : id
      const sessionId = one.shows === 'nothing' ? undefined : shownId
      const admission = gate.admit(mediaOf('st-a'), { sessionId, origin: one.origin })
      expect(admission.kind).toBe(mayPass(one) ? 'admitted' : 'refused')
    }),
    { numRuns: 1000 },
  )
})

function renditionOf(size: { width: number; height: number } | undefined): {
  description: () => RenditionDescription | undefined
} {
  const rest = { codecs: [], frameRate: 30, peakBitrateBps: 1, averageBitrateBps: 1 }
  return { description: () => size && { ...rest, ...size } }
}

test.each([
  { width: 852, height: 480, maximum: 'SD', allowed: true },
  { width: 480, height: 852, maximum: 'SD', allowed: true },
  { width: 1280, height: 720, maximum: 'SD', allowed: false },
  { width: 720, height: 1280, maximum: 'SD', allowed: false },
  { width: 1280, height: 720, maximum: 'HD', allowed: true },
  { width: 1920, height: 1080, maximum: 'HD', allowed: false },
  { width: 1920, height: 1080, maximum: 'FULL_HD', allowed: true },
  { width: 3840, height: 2160, maximum: 'FULL_HD', allowed: false },
  { width: 3840, height: 2160, maximum: undefined, allowed: true },
] as const)('$width × $height within $maximum: $allowed', ({ maximum, allowed, ...size }) => {
  expect(isRenditionAllowed(renditionOf(size), maximum)).toBe(allowed)
})

test('a rendition of which nothing is known yet is kept from viewers with a maximum', () => {
  expect(isRenditionAllowed(renditionOf(undefined), 'FULL_HD')).toBe(false)
  expect(isRenditionAllowed(renditionOf(undefined), undefined)).toBe(true)
})
