import { describe, expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { SecretStore } from '../domain/stores.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { SessionKeys } from './session-keys.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Secrets in memory that can be out of reach. */
class MemorySecrets implements SecretStore {
  readonly kept = new Map<string, Uint8Array>()
  isDown = false

  readonly getOrCreate = (name: string): Promise<Uint8Array> => {
    if (this.isDown) return Promise.reject(new Error('out of reach'))
    const secret = this.kept.get(name) ?? Buffer.from(`${name}/${this.kept.size}`.padEnd(32))
    this.kept.set(name, secret)
    return Promise.resolve(secret)
  }

  readonly removeBetween = (from: string, before: string): Promise<void> => {
    for (const name of this.kept.keys()) if (name >= from && name < before) this.kept.delete(name)
    return Promise.resolve()
  }
}

function keysOn(
  secrets: SecretStore,
  clock: ManualClock,
  logger: RecordingLogger | typeof silentLogger = silentLogger,
): Promise<SessionKeys> {
  return SessionKeys.open({ secrets, clock, logger })
}

/** Moves time in steps, with room for what each step begins. */
async function pass(clock: ManualClock, durationMs: number): Promise<void> {
  const stepMs = 10 * 60 * 1000
  for (let passedMs = 0; passedMs < durationMs; passedMs += stepMs) {
    clock.advance(stepMs)
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
}

describe('the key of a day', () => {
  test('is the same on every node, also on one that starts later', async () => {
    const secrets = new MemorySecrets()
    const clock = new ManualClock()
    using one = await keysOn(secrets, clock)
    await pass(clock, DAY_MS)
    using other = await keysOn(secrets, clock)
    expect(other.current.day).toBe(one.current.day)
    expect(other.current.secret.equals(one.current.secret)).toBe(true)
  })

  test('is another one the next day, on time, and differs', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1, 23, 59, 59))
    using keys = await keysOn(new MemorySecrets(), clock)
    const before = keys.current
    clock.advance(1000)
    expect(keys.current.day).toBe(before.day + 1)
    expect(keys.current.secret.equals(before.secret)).toBe(false)
  })

  test('is known a day ahead, for nodes whose clocks run fast', async () => {
    using keys = await keysOn(new MemorySecrets(), new ManualClock())
    expect(keys.find(keys.current.day + 1)).toBeDefined()
    expect(keys.find(keys.current.day + 2)).toBeUndefined()
  })

  test('opens sessions for as long as one signed at its last moment may live, then is forgotten everywhere', async () => {
    const secrets = new MemorySecrets()
    const clock = new ManualClock()
    using keys = await keysOn(secrets, clock)
    const { day } = keys.current
    const name = [...secrets.kept.keys()].sort().at(-2) ?? ''
    await pass(clock, 3 * DAY_MS)
    expect(keys.find(day)).toBeDefined()
    expect(secrets.kept.has(name)).toBe(true)
    await pass(clock, DAY_MS)
    expect(keys.find(day)).toBeUndefined()
    expect(secrets.kept.has(name)).toBe(false)
    expect(secrets.kept.size).toBe(5)
  })
})

test('while the database is out of reach the newest key signs on, and the log tells', async () => {
  const secrets = new MemorySecrets()
  const clock = new ManualClock()
  const logger = new RecordingLogger()
  using keys = await keysOn(secrets, clock, logger)
  const { day } = keys.current
  secrets.isDown = true
  await pass(clock, 2 * DAY_MS)
  expect(keys.current.day).toBe(day + 1)
  expect(logger.lines[0]?.sentence).toBe('session keys were not renewed')
  secrets.isDown = false
  await pass(clock, 10 * 60 * 1000)
  expect(keys.current.day).toBe(day + 2)
})

test('without the database at the start there are no keys', async () => {
  const secrets = new MemorySecrets()
  secrets.isDown = true
  await expect(keysOn(secrets, new ManualClock())).rejects.toThrow('out of reach')
})

test('ends its timer when it is disposed', async () => {
  const clock = new ManualClock()
  const keys = await keysOn(new MemorySecrets(), clock)
  expect(clock.pendingTimers).toBe(1)
  keys[Symbol.dispose]()
  expect(clock.pendingTimers).toBe(0)
})
