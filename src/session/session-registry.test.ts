import { describe, expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { Publisher, PublishedStream } from '../domain/publishing.ts'
import type { SessionEntry } from '../domain/stream-session.ts'
import type { AccessUnit } from '../media/access-unit.ts'
import type { LiveSession } from './live-session.ts'
import { SessionRegistry } from './session-registry.ts'

const UNIT: AccessUnit = { kind: 'audio', dtsTicks: 0, ptsTicks: 0, keyframe: true, data: new Uint8Array(1) }

function setUp(options: { maxStreams?: number; hasRoom?: boolean } = {}) {
  const clock = new ManualClock()
  const opened: LiveSession[] = []
  const events: string[] = []
  const entries: SessionEntry[] = []
  const registry = new SessionRegistry({
    clock,
    logger: silentLogger,
    journal: { hasRoom: () => options.hasRoom ?? true, note: (entry) => void entries.push(entry) },
    silenceTimeoutMs: 30_000,
    maxStreams: options.maxStreams ?? 10,
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
  return { clock, registry, channel, opened, events, entries }
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
      health: 'HEALTHY',
      viewerCount: 7,
    })
    expect(registry.list('123456789012')).toHaveLength(1)
    expect(registry.list('999999999999')).toEqual([])
  })

  test('calls a stream starving when its media pauses', () => {
    const { registry, channel, opened, clock } = setUp()
    accepted(registry.open(channel, publisher())).onUnit(UNIT)
    opened[0]?.markPlayable()
    clock.advance(3000)
    expect(registry.get(channel.arn)?.health).toBe('STARVING')
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
