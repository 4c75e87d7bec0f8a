import { describe, expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { AccountEvent } from '../domain/account-events.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { DEFAULT_INGEST_LIMITS } from '../domain/ingest-limits.ts'
import type { Publisher, PublishedStream } from '../domain/publishing.ts'
import type { SessionEntry } from '../domain/stream-session.ts'
import type { AccessUnit } from '../media/access-unit.ts'
import type { LiveSession } from './live-session.ts'
import { DropCounts } from '../domain/drops.ts'
import { SessionRegistry } from './session-registry.ts'

const UNIT: AccessUnit = { kind: 'audio', dtsTicks: 0, ptsTicks: 0, keyframe: true, data: new Uint8Array(1) }

type SetUp = { maxStreams?: number; hasRoom?: boolean; maxBroadcastsPerAccount?: number }

function setUp(options: SetUp = {}) {
  const clock = new ManualClock()
  const opened: LiveSession[] = []
  const events: string[] = []
  const entries: SessionEntry[] = []
  const accountEvents: AccountEvent[] = []
  const registry = new SessionRegistry({
    drops: new DropCounts(),
    clock,
    logger: silentLogger,
    journal: { hasRoom: () => options.hasRoom ?? true, note: (entry) => void entries.push(entry) },
    accountEvents: { note: (event) => void accountEvents.push(event) },
    silenceTimeoutMs: 30_000,
    adLeadMs: 8000,
    maxTakeovers: 100,
    ingestLimits: DEFAULT_INGEST_LIMITS,
    maxStreams: options.maxStreams ?? 10,
    maxBroadcastsPerAccount: options.maxBroadcastsPerAccount ?? 10,
    viewerCount: () => 7,
    onOpened: (session) => {
      opened.push(session)
      session.addSink({
        onTrack: () => events.push('track'),
        onUnit: () => events.push('unit'),
        onEnd: () => events.push('end'),
      })
    },
  })
  const channel = newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, {})
  return { clock, registry, channel, opened, events, entries, accountEvents }
}

function publisher(): Publisher & { reasons: string[] } {
  const reasons: string[] = []
  return {
    connectionId: 'c1',
    remoteAddress: '127.0.0.1',
    reasons,
    disconnect: (reason) => void reasons.push(reason),
  }
}

function accepted(outcome: ReturnType<SessionRegistry['open']>): PublishedStream {
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.reason}`)
  return outcome.stream
}

describe('opening', () => {
  test('gives a stream id of 26 characters', () => {
    const { registry, channel } = setUp()
    expect(accepted(registry.open(channel, publisher())).streamId).toMatch(/^st-[a-zA-Z0-9]{23}$/)
  })

  test('refuses a second publisher until the first has ended', () => {
    const { registry, channel } = setUp()
    const first = accepted(registry.open(channel, publisher()))
    expect(registry.open(channel, publisher())).toEqual({ kind: 'refused', reason: 'already-live' })
    first.end('unpublished')
    expect(registry.open(channel, publisher()).kind).toBe('accepted')
  })

  test('refuses streams beyond the limit', () => {
    const { registry, channel } = setUp({ maxStreams: 1 })
    registry.open(channel, publisher())
    const other = { ...channel, arn: `${channel.arn}x` }
    expect(registry.open(other, publisher())).toEqual({ kind: 'refused', reason: 'too-many-streams' })
  })
})

describe('broadcasts of an account', () => {
  const breach = {
    accountId: '123456789012',
    type: 'IVS Limit Breach',
    detail: {
      limit_name: 'Concurrent Broadcasts',
      limit_value: 1,
      exceeded_by: 1,
      limit_unit: 'active streams',
    },
  }

  test('beyond its limit are refused, with an event of the account that is not repeated at once (§11)', () => {
    const { registry, channel, accountEvents, clock } = setUp({ maxBroadcastsPerAccount: 1 })
    registry.open(channel, publisher())
    const refused = () => registry.open({ ...channel, arn: `${channel.arn}x` }, publisher())
    expect(refused()).toEqual({ kind: 'refused', reason: 'too-many-broadcasts' })
    expect(accountEvents).toEqual([{ ...breach, timeMs: clock.nowMs() }])
    clock.advance(10_000)
    expect(refused().kind).toBe('refused')
    expect(accountEvents).toHaveLength(1)
    clock.advance(50_000)
    registry.open(channel, publisher())
    expect(refused().kind).toBe('refused')
    expect(accountEvents).toHaveLength(2)
  })

  test('are counted for each account by itself, and end', () => {
    const { registry, channel } = setUp({ maxBroadcastsPerAccount: 1 })
    const first = accepted(registry.open(channel, publisher()))
    const foreign = { ...channel, arn: `${channel.arn}x`, accountId: '999999999999' }
    expect(registry.open(foreign, publisher()).kind).toBe('accepted')
    first.end('unpublished')
    expect(registry.open({ ...channel, arn: `${channel.arn}y` }, publisher()).kind).toBe('accepted')
  })
})

test('refuses streams while their records could not be written', () => {
  const { registry, channel } = setUp({ hasRoom: false })
  expect(registry.open(channel, publisher())).toEqual({ kind: 'refused', reason: 'records-behind' })
})

describe('what the API sees', () => {
  test('shows a stream only once it is playable', () => {
    const { registry, channel, opened, clock } = setUp()
    const stream = accepted(registry.open(channel, publisher()))
    expect(registry.get(channel.arn)).toBeUndefined()
    expect(registry.isHeld(channel.arn)).toBe(true)
    clock.advance(2000)
    stream.onUnit(UNIT)
    opened[0]?.markPlayable()
    expect(registry.get(channel.arn)).toEqual({
      channelArn: channel.arn,
      accountId: '123456789012',
      streamId: stream.streamId,
      startTimeMs: clock.nowMs(),
      health: 'UNKNOWN',
      viewerCount: 7,
    })
    expect(registry.list('123456789012')).toHaveLength(1)
    expect(registry.list('999999999999')).toEqual([])
  })

  test('stops a stream and disconnects its publisher', () => {
    const { registry, channel, events } = setUp()
    const encoder = publisher()
    registry.open(channel, encoder)
    expect(registry.stop(channel.arn)).toBe(true)
    expect(encoder.reasons).toHaveLength(1)
    expect(events).toEqual(['end'])
    expect(registry.stop(channel.arn)).toBe(false)
  })
})

describe('the end', () => {
  test('comes after 30 s without a byte, and not while bytes come', () => {
    const { registry, channel, clock } = setUp()
    const encoder = publisher()
    const stream = accepted(registry.open(channel, encoder))
    for (let i = 0; i < 5; i++) {
      clock.advance(29_000)
      stream.touch()
    }
    expect(registry.isHeld(channel.arn)).toBe(true)
    clock.advance(29_999)
    expect(registry.isHeld(channel.arn)).toBe(true)
    clock.advance(1)
    expect(registry.isHeld(channel.arn)).toBe(false)
    expect(encoder.reasons).toEqual(['No data arrived for too long.'])
  })

  test('lets nothing through afterwards', () => {
    const { registry, channel, events, clock } = setUp()
    const stream = accepted(registry.open(channel, publisher()))
    stream.end('unpublished')
    stream.onUnit(UNIT)
    stream.end('stopped')
    expect(events).toEqual(['end'])
    expect(clock.pendingTimers).toBe(0)
  })

  test('of the server ends every stream and refuses new ones', () => {
    const { registry, channel } = setUp()
    const encoder = publisher()
    registry.open(channel, encoder)
    registry.close()
    expect(encoder.reasons).toHaveLength(1)
    expect(registry.open(channel, publisher())).toEqual({ kind: 'refused', reason: 'shutting-down' })
  })
})
