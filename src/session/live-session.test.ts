import { describe, expect, test } from 'vitest'
import { picture, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { DEFAULT_INGEST_LIMITS } from '../domain/ingest-limits.ts'
import type { SessionEntry } from '../domain/stream-session.ts'
import { DropCounts } from '../domain/drops.ts'
import { LiveSession } from './live-session.ts'

const CHANNEL = newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, {})

function setUp() {
  const clock = new ManualClock()
  const entries: SessionEntry[] = []
  const session = new LiveSession({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel: CHANNEL,
    publisher: { connectionId: 'c', remoteAddress: '127.0.0.1', disconnect: () => undefined },
    clock,
    logger: silentLogger,
    journal: { hasRoom: () => true, note: (entry) => void entries.push(entry) },
    silenceTimeoutMs: 30_000,
    adLeadMs: 8000,
    maxTakeovers: 100,
    ingestLimits: DEFAULT_INGEST_LIMITS,
    viewerCount: () => 0,
    onEnded: () => undefined,
  })
  const eventNames = () => entries.flatMap(({ events }) => events.map(({ name }) => name))
  return { clock, entries, session, eventNames }
}

describe('the journal', () => {
  test('hears of a whole life: created, started, ended, each event with its own number', () => {
    const { session, entries, clock } = setUp()
    const createdAtMs = clock.nowMs()
    session.announce({ encoder: 'test' })
    session.onTrack(SAMPLE_VIDEO)
    clock.advance(2000)
    session.markPlayable()
    session.markPlayable()
    clock.advance(20_000)
    session.end('unpublished')
    session.end('shutdown')
    const type = 'IVS Stream State Change'
    const ingest = {
      videos: [expect.objectContaining({ encoder: 'test', width: 320 }) as unknown],
      audios: [],
    }
    expect(entries).toEqual([
      {
        kind: 'opened',
        streamId: 'st-test',
        channel: CHANNEL,
        createdAtMs,
        events: [{ number: 1, name: 'Session Created', type, timeMs: createdAtMs }],
      },
      {
        kind: 'changed',
        streamId: 'st-test',
        startTimeMs: createdAtMs + 2000,
        ingest,
        events: [{ number: 2, name: 'Stream Start', type, timeMs: createdAtMs + 2000 }],
      },
      {
        kind: 'changed',
        streamId: 'st-test',
        endTimeMs: createdAtMs + 22_000,
        ingest,
        events: [
          { number: 3, name: 'Session Ended', type, timeMs: createdAtMs + 22_000 },
          { number: 4, name: 'Stream End', type, timeMs: createdAtMs + 22_000 },
        ],
      },
    ])
  })

  test('hears of no stream when nothing ever was playable', () => {
    const { session, eventNames } = setUp()
    session.end('connection-lost')
    session.markPlayable()
    expect(eventNames()).toEqual(['Session Created', 'Session Ended'])
  })

  test('hears of a change in what is published once it has settled', () => {
    const { session, entries, clock } = setUp()
    session.onTrack(SAMPLE_VIDEO)
    session.markPlayable()
    const before = entries.length
    for (let i = 0; i < 100; i++) session.onTrack(i % 2 ? SMALL_VIDEO : SAMPLE_VIDEO)
    expect(entries).toHaveLength(before)
    clock.advance(2000)
    expect(entries.slice(before)).toEqual([
      {
        kind: 'changed',
        streamId: 'st-test',
        events: [],
        ingest: { videos: [expect.objectContaining({ width: 64 }) as unknown], audios: [] },
      },
    ])
    clock.advance(28_000)
    expect(clock.pendingTimers).toBe(0)
  })

  test('hears nothing after the end', () => {
    const { session, entries, clock } = setUp()
    session.markPlayable()
    session.announce({ encoder: 'late' })
    session.end('stopped')
    const before = entries.length
    session.announce({ encoder: 'later' })
    session.onTrack(SAMPLE_VIDEO)
    clock.advance(10_000)
    expect(entries).toHaveLength(before)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('what owners do to a stream', () => {
  test('an ad break is an event that says when ads begin (reference ivs-behaviour §11)', () => {
    const { session, entries, clock } = setUp()
    session.markPlayable()
    const outcome = session.insertAdBreak(20)
    const id = outcome.kind === 'inserted' ? outcome.adBreak.id : ''
    const detail = { ad_break_id: id, duration_seconds: 20, target_start_time: '2026-01-01T00:00:08Z' }
    const type = 'IVS Ad Break State Change'
    const event = { number: 3, name: 'Ad Break Inserted', type, timeMs: clock.nowMs(), detail }
    expect(entries.at(-1)).toEqual({ kind: 'changed', streamId: 'st-test', events: [event] })
  })

  test('metadata reaches the sinks that take it, at the newest picture, from the API and from the publisher', () => {
    const { session } = setUp()
    const pieces: string[] = []
    session.addSink({ onTrack: () => undefined, onUnit: () => undefined, onEnd: () => undefined })
    session.addSink({
      onTrack: () => undefined,
      onUnit: () => undefined,
      onEnd: () => undefined,
      onMetadata: ({ ptsTicks, owner, payload }) =>
        pieces.push(`${ptsTicks} ${owner} ${Buffer.from(payload).toString()}`),
    })
    session.onTrack(SAMPLE_VIDEO)
    session.onUnit(picture({ dtsTicks: 0, ptsTicks: 6000, keyframe: true }))
    session.onText('from the publisher')
    session.markPlayable()
    session.putMetadata('from the API')
    session.end('unpublished')
    session.onText('too late')
    // Media time begins at one second.
    expect(pieces).toEqual([
      '96000 inband.metadata.live-video.net from the publisher',
      '96001 metadata.live-video.net from the API',
    ])
  })

  test('takes metadata and ad breaks only while there is something to play', () => {
    const { session } = setUp()
    const notLive = { kind: 'refused', reason: 'not-live' }
    expect([session.putMetadata('{}'), session.insertAdBreak(10)]).toEqual([false, notLive])
    session.markPlayable()
    expect(session.putMetadata('{}')).toBe(true)
    expect(session.insertAdBreak(10)).toMatchObject({ kind: 'inserted', adBreak: { durationSeconds: 10 } })
    expect(session.insertAdBreak(10)).toEqual({ kind: 'refused', reason: 'break-running' })
    session.end('stopped')
    expect([session.putMetadata('{}'), session.insertAdBreak(10)]).toEqual([false, notLive])
  })
})
