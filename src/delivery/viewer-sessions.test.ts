import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import type { ViewerRules } from '../domain/viewer-access.ts'
import { MAX_SESSION_ID_LENGTH } from './media-path.ts'
import type { SessionKey } from './session-keys.ts'
import { ViewerSessions } from './viewer-sessions.ts'

const STREAM = 'st-AbCdEfGhIjKlMnOpQrStUvW'

function keyOf(day: number): SessionKey {
  return { day, secret: createSecretKey(randomBytes(32)) }
}

/** Two nodes that share their keys; neither has seen an id of the other. */
function twoNodes(): { one: ViewerSessions; other: ViewerSessions } {
  const current = keyOf(20_000)
  const keys = { current, find: (day: number) => (day === current.day ? current : undefined) }
  const clock = new ManualClock()
  return { one: new ViewerSessions(keys, clock), other: new ViewerSessions(keys, clock) }
}

const rules: fc.Arbitrary<ViewerRules> = fc.record(
  {
    viewerId: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    viewerSessionVersion: fc.maxSafeInteger(),
    strictOrigins: fc.array(fc.stringMatching(/^https:\/\/[a-z*.]{1,40}$/), { minLength: 1, maxLength: 5 }),
    maximumResolution: fc.constantFrom('SD' as const, 'HD' as const, 'FULL_HD' as const),
  },
  { requiredKeys: [] },
)

test('another node reads every rule of a session from its id', () => {
  fc.assert(
    fc.property(rules, (given) => {
      const { one, other } = twoNodes()
      const { id, session } = one.open(STREAM, given)
      expect(id).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(other.find(id, STREAM)).toEqual(session)
      expect(session.strictOrigins).toEqual(given.strictOrigins)
      expect(session.maximumResolution).toBe(given.maximumResolution)
      expect(session.viewer).toEqual(
        given.viewerId === undefined
          ? undefined
          : { id: given.viewerId, version: given.viewerSessionVersion ?? 0 },
      )
    }),
  )
})

test('an id in which any one character is another, is missing or was added is none', () => {
  const { one, other } = twoNodes()
  const { id } = one.open(STREAM, { viewerId: 'v', strictOrigins: ['https://example.com'] })
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let at = 0; at < id.length; at++) {
    for (const character of alphabet) {
      if (character === id[at]) continue
      expect(other.find(id.slice(0, at) + character + id.slice(at + 1), STREAM)).toBeUndefined()
    }
    expect(other.find(id.slice(0, at) + id.slice(at + 1), STREAM)).toBeUndefined()
    expect(other.find(`${id.slice(0, at)}A${id.slice(at)}`, STREAM)).toBeUndefined()
    expect(other.find(`${id.slice(0, at)}=${id.slice(at)}`, STREAM)).toBeUndefined()
  }
})

test('made-up ids of any form are none, and nothing throws', () => {
  const { one } = twoNodes()
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.base64String({ maxLength: 300 }),
        fc
          .uint8Array({ minLength: 20, maxLength: 200 })
          .map((bytes) =>
            Buffer.concat([Buffer.from([1, 0, 0, 0x4e, 0x20]), Buffer.from(bytes)]).toString('base64url'),
          ),
      ),
      (id) => one.find(id, STREAM) === undefined,
    ),
  )
  expect(one.find('A'.repeat(MAX_SESSION_ID_LENGTH + 1), STREAM)).toBeUndefined()
})

test('an id is of one stream only, also on the node that knows it', () => {
  const { one } = twoNodes()
  const { id } = one.open(STREAM, {})
  expect(one.find(id, 'st-another')).toBeUndefined()
  expect(one.find(id, STREAM)).toBeDefined()
  expect(one.find(id, 'st-another')).toBeUndefined()
})

test('sessions have numbers of their own', () => {
  const { one } = twoNodes()
  const numbers = Array.from({ length: 1000 }, () => one.open(STREAM, {}).session.number)
  expect(new Set(numbers).size).toBe(1000)
})

test.each([
  ['a viewer id', { viewerId: 'x'.repeat(256) }],
  ['a version', { viewerId: 'x', viewerSessionVersion: 2 ** 60 }],
  ['origins', { strictOrigins: ['x'.repeat(MAX_SESSION_ID_LENGTH)] }],
])('%s beyond what tokens can hold makes no session', (_what, given) => {
  expect(() => twoNodes().one.open(STREAM, given)).toThrow(RangeError)
})
