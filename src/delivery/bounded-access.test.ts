import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { AccessOutcome } from '../domain/viewer-access.ts'
import { BoundedAccess } from './bounded-access.ts'

const REQUEST = {
  stream: { streamId: 'st-a', channel: newChannel({ region: 'us-west-2', accountId: '1', nowMs: 0 }, {}) },
  token: undefined,
  origin: undefined,
  viewerAddress: '',
}
const GRANTED: AccessOutcome = { kind: 'granted', rules: {} }
const UNAVAILABLE = expect.objectContaining({ kind: 'refused', status: 503 }) as AccessOutcome

test('two thousand decisions may be under way, late ones included, and one more is refused at once', async () => {
  const clock = new ManualClock()
  const { promise, resolve } = Promise.withResolvers<AccessOutcome>()
  const access = new BoundedAccess({ authorize: () => promise }, clock, silentLogger)
  const decisions = Array.from({ length: 2000 }, () => access.authorize(REQUEST))
  expect(await access.authorize(REQUEST)).toEqual(UNAVAILABLE)
  clock.advance(5000)
  expect(new Set(await Promise.all(decisions))).toEqual(new Set([UNAVAILABLE]))
  expect(await access.authorize(REQUEST)).toEqual(UNAVAILABLE)
  resolve(GRANTED)
  await Promise.resolve()
  await Promise.resolve()
  expect(await access.authorize(REQUEST)).toEqual(GRANTED)
  expect(clock.pendingTimers).toBe(0)
})

test('a decider that throws refuses', async () => {
  const authorize = (): never => {
    throw new Error('broken')
  }
  const access = new BoundedAccess({ authorize }, new ManualClock(), silentLogger)
  expect(await access.authorize(REQUEST)).toEqual(UNAVAILABLE)
})
