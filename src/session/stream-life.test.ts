/**
 * Whole lives of streams, and the exact events that their journal gets (reference ivs-behaviour §5, §11).
 */
import { describe, expect, test } from 'vitest'
import { SAMPLE_AUDIO, SAMPLE_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import type { Clock } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import type { ChannelType } from '../domain/channel.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { DEFAULT_INGEST_LIMITS } from '../domain/ingest-limits.ts'
import type { IngestLimits } from '../domain/ingest-limits.ts'
import { isErrorEvent } from '../domain/stream-session.ts'
import type { SessionEntry } from '../domain/stream-session.ts'
import type { VideoTrack } from '../media/access-unit.ts'
import { DropCounts } from '../domain/drops.ts'
import { LiveSession } from './live-session.ts'

const STATE_CHANGE = 'IVS Stream State Change'
const FRAMES_A_SECOND = 25
const FRAME_MS = 1000 / FRAMES_A_SECOND

type SetUp = { type?: ChannelType; limits?: IngestLimits | undefined; hasRoom?: () => boolean }

function setUp(options: SetUp = {}) {
  const clock = new ManualClock()
  /** How late timers come that are set from now on: this process is busy with something else. */
  const busy = { lateMs: 0 }
  const sessionClock: Clock = {
    nowMs: clock.nowMs,
    monotonicMs: clock.monotonicMs,
    after: (delayMs, run) => clock.after(delayMs + busy.lateMs, run),
  }
  const logger = new RecordingLogger()
  const entries: SessionEntry[] = []
  const reasons: string[] = []
  const order: string[] = []
  const session = new LiveSession({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel: newChannel(
      { region: 'us-west-2', accountId: '123456789012', nowMs: 0 },
      { type: options.type ?? 'BASIC' },
    ),
    publisher: {
      connectionId: 'c',
      remoteAddress: '127.0.0.1',
      disconnect: (reason) => {
        reasons.push(reason)
        order.push('disconnected')
      },
    },
    clock: sessionClock,
    logger,
    journal: {
      hasRoom: options.hasRoom ?? (() => true),
      note: (entry) => {
        entries.push(entry)
        order.push(...entry.events.map(({ name }) => name))
      },
    },
    silenceTimeoutMs: 30_000,
    adLeadMs: 8000,
    maxTakeovers: 100,
    ingestLimits: 'limits' in options ? options.limits : DEFAULT_INGEST_LIMITS,
    viewerCount: () => 0,
    onEnded: () => order.push('gone'),
  })
  let mediaMs = 0
  const encoder = {
    /** Sends pictures of `bitsPerSecond` for `seconds`; `keyframeShare` of each second's bits are in its first picture. */
    send: (seconds: number, bitsPerSecond: number, keyframeShare = 1 / FRAMES_A_SECOND) => {
      for (let i = 0; i < seconds * FRAMES_A_SECOND; i++) {
        const isFirst = i % FRAMES_A_SECOND === 0
        const share = isFirst ? keyframeShare : (1 - keyframeShare) / (FRAMES_A_SECOND - 1)
        encoder.picture(Math.round((bitsPerSecond * share) / 8))
        clock.advance(FRAME_MS)
      }
    },
    picture: (bytes: number) => {
      const dtsTicks = mediaMs * 90
      mediaMs += FRAME_MS
      session.touch()
      session.onUnit({
        kind: 'video',
        dtsTicks,
        ptsTicks: dtsTicks,
        keyframe: true,
        data: new Uint8Array(bytes),
      })
    },
    /** Nothing arrives; with `skip` the media of that time is lost, else it comes later. */
    pause: (seconds: number, how: 'skip' | 'delay' = 'skip') => {
      clock.advance(seconds * 1000)
      if (how === 'skip') mediaMs += seconds * 1000
    },
    /** What was held back arrives at once. */
    catchUp: (seconds: number, bitsPerSecond: number) => {
      for (let i = 0; i < seconds * FRAMES_A_SECOND; i++) {
        encoder.picture(Math.round(bitsPerSecond / FRAMES_A_SECOND / 8))
      }
    },
  }
  const start = (track: VideoTrack = SAMPLE_VIDEO) => {
    session.announce({ videoBitrateBps: 1_000_000, frameRate: FRAMES_A_SECOND })
    session.onTrack(track)
    encoder.send(2, 1_000_000)
    session.markPlayable()
  }
  const events = () => entries.flatMap((entry) => entry.events)
  const names = () => events().map(({ name }) => name)
  return { clock, busy, logger, entries, reasons, order, session, encoder, start, events, names }
}

function pictureOf(width: number, height: number): VideoTrack {
  return { kind: 'video', avc: { ...SAMPLE_VIDEO.avc, width, height } }
}

const BEGINNING = ['Session Created', 'Stream Start']
const END = ['Session Ended', 'Stream End']

describe('without trouble', () => {
  test.each(['unpublished', 'connection-lost', 'stopped', 'shutdown'] as const)(
    'a stream that ends as "%s" is created, starts and ends',
    (reason) => {
      const { start, session, encoder, names, events } = setUp()
      start()
      encoder.send(60, 1_000_000)
      session.end(reason)
      expect(names()).toEqual([...BEGINNING, ...END])
      expect(events().some(isErrorEvent)).toBe(false)
    },
  )
})

describe('starvation', () => {
  test('begins and ends with an event each, and shows in the live stream', () => {
    const { start, session, encoder, events } = setUp()
    start()
    encoder.send(10, 1_000_000)
    expect(session.liveStream?.health).toBe('HEALTHY')
    encoder.pause(4)
    expect(session.liveStream?.health).toBe('STARVING')
    encoder.send(8, 1_000_000)
    expect(session.liveStream?.health).toBe('HEALTHY')
    session.end('unpublished')
    expect(events().map(({ name, type, number }) => [number, name, type])).toEqual([
      [1, 'Session Created', STATE_CHANGE],
      [2, 'Stream Start', STATE_CHANGE],
      [3, 'Starvation Start', 'IVS Stream Health Change'],
      [4, 'Starvation End', 'IVS Stream Health Change'],
      [5, 'Session Ended', STATE_CHANGE],
      [6, 'Stream End', STATE_CHANGE],
    ])
    expect(events().some(isErrorEvent)).toBe(false)
  })

  test('into silence of 30 s ends the session, without an end of the starvation (§12)', () => {
    const { start, encoder, names, reasons, clock } = setUp()
    start()
    encoder.send(10, 1_000_000)
    encoder.pause(29.9)
    expect(names()).toEqual([...BEGINNING, 'Starvation Start'])
    encoder.pause(0.2)
    expect(names()).toEqual([...BEGINNING, 'Starvation Start', ...END])
    expect(reasons).toEqual(['No data arrived for too long.'])
    expect(clock.pendingTimers).toBe(0)
  })

  test('of a stream that nobody can watch yet is told once it can be watched', () => {
    const { session, encoder, names } = setUp()
    session.announce({ videoBitrateBps: 1_000_000, frameRate: FRAMES_A_SECOND })
    session.onTrack(SAMPLE_VIDEO)
    encoder.send(1, 1_000_000)
    encoder.pause(6)
    expect(names()).toEqual(['Session Created'])
    session.markPlayable()
    encoder.pause(1)
    expect(names()).toEqual([...BEGINNING, 'Starvation Start'])
  })

  test('is not a hiccup of a second', () => {
    const { start, encoder, names } = setUp()
    start()
    for (let i = 0; i < 10; i++) {
      encoder.send(6, 1_000_000)
      encoder.pause(1, 'delay')
      encoder.catchUp(1, 1_000_000)
    }
    expect(names()).toEqual(BEGINNING)
  })

  test('is not what arrived while this process could not read it', () => {
    const { start, encoder, names, busy } = setUp()
    start()
    encoder.send(10, 1_000_000)
    busy.lateMs = 4000
    encoder.send(1, 1_000_000)
    busy.lateMs = 0
    encoder.pause(5, 'delay')
    encoder.catchUp(5, 1_000_000)
    encoder.send(10, 1_000_000)
    expect(names()).toEqual(BEGINNING)
  })

  test('waits to be told while the journal is full', () => {
    let hasRoom = false
    const { start, encoder, names } = setUp({ hasRoom: () => hasRoom })
    start()
    encoder.send(5, 1_000_000)
    encoder.pause(4)
    expect(names()).toEqual(BEGINNING)
    hasRoom = true
    encoder.pause(1)
    expect(names()).toEqual([...BEGINNING, 'Starvation Start'])
  })

  test('of an encoder that announces nothing is measured by what it sent before', () => {
    const { session, encoder, names } = setUp()
    session.onTrack(SAMPLE_VIDEO)
    encoder.send(2, 1_000_000)
    session.markPlayable()
    expect(session.liveStream?.health).toBe('UNKNOWN')
    encoder.send(8, 1_000_000)
    expect(session.liveStream?.health).toBe('HEALTHY')
    encoder.pause(3)
    expect(names()).toEqual([...BEGINNING, 'Starvation Start'])
  })
})

describe('a bitrate above the limit', () => {
  test('ends the stream after ten seconds, with the breach before the end (§1.3, §11)', () => {
    const { start, encoder, events, order, reasons, logger, clock } = setUp()
    start()
    encoder.send(7, 3_000_000)
    expect(reasons).toEqual([])
    encoder.send(2, 3_000_000)
    expect(order).toEqual([...BEGINNING, 'Ingest Bitrate', ...END, 'disconnected', 'gone'])
    const breach = events()[2]
    expect(breach).toMatchObject({
      name: 'Ingest Bitrate',
      type: 'IVS Limit Breach',
      detail: { limit_name: 'Ingest Bitrate', limit_value: 1_500_000, limit_unit: 'bits per second' },
    })
    const exceededBy = Number(breach?.detail?.['exceeded_by'])
    expect(exceededBy).toBeGreaterThan(150_000)
    expect(exceededBy).toBeLessThan(1_500_000)
    expect(events().filter(isErrorEvent)).toEqual([breach])
    expect(reasons[0]).toContain('above the limit of 1500000')
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({
        sentence: 'stream is ended for what its publisher sends',
        fields: expect.objectContaining({ name: 'Ingest Bitrate', limit: 1_500_000 }) as unknown,
      }),
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  test('is not one of large keyframes', () => {
    const { start, encoder, names } = setUp()
    start()
    encoder.send(60, 1_400_000, 0.8)
    expect(names()).toEqual(BEGINNING)
  })

  test('is not what arrives at once after a pause', () => {
    const { start, encoder, names } = setUp()
    start()
    encoder.send(20, 1_400_000)
    encoder.pause(15, 'delay')
    encoder.catchUp(15, 1_400_000)
    encoder.send(20, 1_400_000)
    expect(names().filter((name) => name === 'Ingest Bitrate')).toEqual([])
    expect(names()).toEqual([...BEGINNING, 'Starvation Start', 'Starvation End'])
  })

  test.each([
    ['BASIC', 1280, 720, 3_700_000, false],
    ['BASIC', 1280, 720, 4_000_000, true],
    ['STANDARD', 640, 360, 9_000_000, false],
    ['ADVANCED_HD', 1920, 1080, 9_600_000, true],
  ] as const)('on %s with %d x %d: %d bits a second, breach %s', (type, width, height, bps, isBreach) => {
    const { start, encoder, names } = setUp({ type })
    start(pictureOf(width, height))
    encoder.send(20, bps)
    expect(names().includes('Ingest Bitrate')).toBe(isBreach)
  })

  test('is no matter when limits are off', () => {
    const { start, encoder, names } = setUp({ limits: undefined })
    start(pictureOf(3840, 2160))
    encoder.send(30, 30_000_000)
    expect(names()).toEqual(BEGINNING)
  })
})

describe('a picture above the limit', () => {
  test('ends the session before anything can be played, or any output has heard of it (§1.3)', () => {
    const { session, order, events } = setUp({ type: 'STANDARD' })
    const heard: string[] = []
    session.addSink({
      onTrack: () => heard.push('track'),
      onUnit: () => heard.push('unit'),
      onEnd: () => heard.push('end'),
    })
    session.onTrack(SAMPLE_AUDIO)
    session.onTrack(pictureOf(2560, 1440))
    expect(order).toEqual(['Session Created', 'Ingest Resolution', 'Session Ended', 'disconnected', 'gone'])
    expect(heard).toEqual(['track', 'end'])
    expect(events()[1]?.detail).toEqual({
      limit_name: 'Ingest Resolution',
      limit_value: 2_100_000,
      exceeded_by: 1_586_400,
      limit_unit: 'total pixels',
    })
  })

  test('ends a running stream that changes to it, and its record shows what it was', () => {
    const { start, session, encoder, names, entries } = setUp({ type: 'STANDARD' })
    start()
    encoder.send(5, 1_000_000)
    session.onTrack(pictureOf(1922, 800))
    expect(names()).toEqual([...BEGINNING, 'Ingest Resolution', ...END])
    expect(entries.at(-1)).toMatchObject({ ingest: { videos: [{ width: 1922, height: 800 }] } })
  })
})

test('a stream of 48 hours ends, which is no error (§1.3)', () => {
  const { start, session, clock, events, names, reasons } = setUp()
  start()
  const hour = () => {
    for (let i = 0; i < 180; i++) {
      clock.advance(20_000)
      session.touch()
    }
  }
  for (let i = 0; i < 47; i++) hour()
  expect(reasons).toEqual([])
  hour()
  expect(reasons).toEqual(['The stream has reached its longest duration.'])
  expect(names().slice(-2)).toEqual(END)
  expect(events().some(isErrorEvent)).toBe(false)
})

describe('a failure on our side', () => {
  const reason = 'Transcode capacity exceeded. Please try again.'

  test('is told with its reason, then the session ends (§5)', () => {
    const { session, order, events, reasons } = setUp({ type: 'STANDARD' })
    session.onTrack(SAMPLE_VIDEO)
    session.fail(reason)
    session.fail(reason)
    expect(order).toEqual(['Session Created', 'Stream Failure', 'Session Ended', 'disconnected', 'gone'])
    expect(events()[1]).toMatchObject({ type: STATE_CHANGE, detail: { reason } })
    expect(events().filter(isErrorEvent)).toHaveLength(1)
    expect(reasons).toEqual([reason])
  })

  test('that a sink finds reaches no other sink as media', () => {
    const { session } = setUp()
    const heard: string[] = []
    const listener = { onTrack: () => heard.push('track'), onUnit: () => heard.push('unit') }
    session.addSink({ ...listener, onTrack: () => session.fail(reason), onEnd: () => heard.push('end') })
    session.addSink({ ...listener, onEnd: () => heard.push('end') })
    session.onTrack(SAMPLE_VIDEO)
    expect(heard).toEqual(['end', 'end'])
  })
})
