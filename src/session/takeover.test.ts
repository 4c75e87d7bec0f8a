/**
 * Publishers that want a stream that runs (reference ivs-behaviour §4).
 */
import { describe, expect, test } from 'vitest'
import { picture, SAMPLE_AUDIO, SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { Publisher, PublishedStream } from '../domain/publishing.ts'
import type { SessionEntry } from '../domain/stream-session.ts'
import type { AccessUnit, MediaTrack } from '../media/access-unit.ts'
import { DropCounts } from '../domain/drops.ts'
import { LiveSession } from './live-session.ts'

type Wish = Pick<Publisher, 'takeoverPriority'>

function setUp(first: Wish = {}, maxTakeovers = 100) {
  const clock = new ManualClock()
  const entries: SessionEntry[] = []
  const units: AccessUnit[] = []
  const left: { who: string; why: string }[] = []
  const publisher = (who: string, wish: Wish): Publisher => ({
    ...wish,
    connectionId: who,
    remoteAddress: '127.0.0.1',
    disconnect: (why) => void left.push({ who, why }),
  })
  const session = new LiveSession({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel: newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, {}),
    publisher: publisher('first', first),
    clock,
    logger: silentLogger,
    journal: { hasRoom: () => true, note: (entry) => void entries.push(entry) },
    silenceTimeoutMs: 30_000,
    adLeadMs: 8000,
    maxTakeovers,
    ingestLimits: undefined,
    viewerCount: () => 0,
    onEnded: () => undefined,
  })
  session.addSink({
    onTrack: () => undefined,
    onUnit: (unit) => void units.push(unit),
    onEnd: () => undefined,
  })
  const events = () =>
    entries
      .flatMap((entry) => entry.events)
      .filter(({ name }) => name.startsWith('Stream Takeover'))
      .map(({ name, code }) => (code === undefined ? name : `${name}: ${code}`))
  const takeOver = (who: string, priority: Publisher['takeoverPriority']) =>
    session.takeOver(publisher(who, { takeoverPriority: priority }))
  const letIn = (who: string, priority: number): PublishedStream => {
    const outcome = takeOver(who, priority)
    if (outcome.kind === 'refused') throw new Error(outcome.reason)
    return outcome.stream
  }
  return { clock, session, feed: session.feed, units, left, events, takeOver, letIn }
}

function publish(stream: PublishedStream, dtsTicks: number, ...tracks: readonly MediaTrack[]): void {
  for (const track of tracks) stream.onTrack(track)
  stream.onUnit(picture({ dtsTicks, keyframe: true }))
}

describe('a publisher that may take over', () => {
  test('goes on in the same session, from its first keyframe on, and the other is sent away', () => {
    const { clock, feed, letIn, units, left, events } = setUp({ takeoverPriority: 3 })
    publish(feed, 90_000, SAMPLE_VIDEO, SAMPLE_AUDIO)
    clock.advance(1000)
    const newcomer = letIn('second', 4)
    newcomer.announce({ encoder: 'new' })
    publish(newcomer, 5_000_000, SAMPLE_VIDEO)
    expect(left).toEqual([])
    expect(units).toHaveLength(1)
    newcomer.onTrack(SAMPLE_AUDIO)
    expect(left).toEqual([{ who: 'first', why: 'Another publisher has taken the stream over.' }])
    expect(events()).toEqual(['Stream Takeover'])
    const [before, after] = units
    expect((after?.dtsTicks ?? 0) - (before?.dtsTicks ?? 0)).toBe(90_000)
  })

  test('leaves nothing to say for the one before', () => {
    const { feed, session, letIn, units, clock } = setUp()
    publish(feed, 0, SAMPLE_VIDEO)
    const newcomer = letIn('second', 1)
    publish(newcomer, 0, SAMPLE_VIDEO)
    session.markPlayable()
    const passed = units.length
    feed.onUnit(picture({ dtsTicks: 3000 }))
    feed.onTrack(SMALL_VIDEO)
    feed.end('connection-lost')
    expect(units).toHaveLength(passed)
    expect(session.liveStream).toBeDefined()
    clock.advance(29_000)
    feed.touch()
    clock.advance(2000)
    expect(session.liveStream).toBeUndefined()
  })

  test('may itself be followed by a higher priority only, which ends with the stream', () => {
    const { feed, letIn, takeOver, events } = setUp()
    publish(feed, 0, SAMPLE_VIDEO)
    publish(letIn('second', 7), 0, SAMPLE_VIDEO)
    expect(takeOver('third', 7)).toEqual({ kind: 'refused', reason: 'takeover-refused' })
    publish(letIn('fourth', 8), 0, SAMPLE_VIDEO)
    expect(events()).toEqual([
      'Stream Takeover',
      'Stream Takeover Failure: StreamTakeoverInvalidPriority',
      'Stream Takeover',
    ])
  })
})

describe('a publisher that may not', () => {
  test.each([
    { priority: 2, running: 2 },
    { priority: 1, running: 2 },
    { priority: 'invalid' as const, running: undefined },
  ])('is refused with priority $priority beside $running', ({ priority, running }) => {
    const { feed, takeOver, events, left } = setUp({ takeoverPriority: running })
    publish(feed, 0, SAMPLE_VIDEO)
    expect(takeOver('second', priority)).toEqual({ kind: 'refused', reason: 'takeover-refused' })
    expect(events()).toEqual(['Stream Takeover Failure: StreamTakeoverInvalidPriority'])
    expect(left).toEqual([])
  })

  test('is told that the channel is live when it gives no priority, and no event tells of it', () => {
    const { takeOver, events } = setUp()
    expect(takeOver('second', undefined)).toEqual({ kind: 'refused', reason: 'already-live' })
    expect(events()).toEqual([])
  })

  test('is refused once the stream was taken over as often as it may be', () => {
    const { feed, letIn, takeOver, events } = setUp({}, 1)
    publish(feed, 0, SAMPLE_VIDEO)
    publish(letIn('second', 1), 0, SAMPLE_VIDEO)
    expect(takeOver('third', 2)).toEqual({ kind: 'refused', reason: 'takeover-limit' })
    expect(events().at(-1)).toBe('Stream Takeover Failure: StreamTakeoverLimitBreached')
  })

  test.each([
    { what: 'another picture size', tracks: [SMALL_VIDEO] },
    { what: 'a track more', tracks: [SAMPLE_VIDEO, SAMPLE_AUDIO] },
  ])('is sent away for $what, and the stream goes on', ({ tracks }) => {
    const { feed, letIn, units, left, events } = setUp()
    publish(feed, 0, SAMPLE_VIDEO)
    const newcomer = letIn('second', 1)
    for (const track of tracks.toReversed()) newcomer.onTrack(track)
    expect(left).toEqual([{ who: 'second', why: expect.stringContaining('picture size') as string }])
    expect(events()).toEqual(['Stream Takeover Failure: StreamTakeoverMediaMismatch'])
    publish(newcomer, 0, SAMPLE_VIDEO)
    newcomer.end('connection-lost')
    feed.onUnit(picture({ dtsTicks: 3000 }))
    expect(units).toHaveLength(2)
  })

  test.each([
    { what: 'does not show every track in time', act: (clock: ManualClock) => clock.advance(3000) },
    {
      what: 'sends more than is held',
      act: (_: ManualClock, newcomer: PublishedStream) =>
        newcomer.onUnit(picture({ dtsTicks: 3000 }, 9 * 1024 * 1024)),
    },
  ])('is sent away when it $what', ({ act }) => {
    const { clock, feed, letIn, left } = setUp()
    publish(feed, 0, SAMPLE_VIDEO, SAMPLE_AUDIO)
    const newcomer = letIn('second', 1)
    publish(newcomer, 0, SAMPLE_VIDEO)
    act(clock, newcomer)
    expect(left.map(({ who }) => who)).toEqual(['second'])
  })
})

test('one that leaves before it is decided makes room for the next', () => {
  const { feed, letIn, takeOver, events, clock } = setUp()
  publish(feed, 0, SAMPLE_VIDEO)
  const newcomer = letIn('second', 1)
  expect(takeOver('third', 2)).toEqual({ kind: 'refused', reason: 'already-live' })
  newcomer.end('connection-lost')
  publish(letIn('third', 2), 0, SAMPLE_VIDEO)
  expect(events()).toEqual(['Stream Takeover'])
  feed.end('stopped')
  expect(clock.pendingTimers).toBeGreaterThan(0)
})

test('the end of the stream is the end of every wish for it', () => {
  const { feed, letIn, left, clock, units } = setUp()
  publish(feed, 0, SAMPLE_VIDEO)
  const newcomer = letIn('second', 1)
  feed.end('unpublished')
  expect(left.at(-1)).toEqual({ who: 'second', why: 'The stream that was to be taken over has ended.' })
  publish(newcomer, 0, SAMPLE_VIDEO)
  expect(units).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})
