import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import type { Channel } from '../domain/channel.ts'
import { newRecordingConfiguration } from '../domain/recording-configuration.ts'
import type { WrittenEntry } from '../domain/stores.ts'
import type { StreamEvent } from '../domain/stream-session.ts'
import type { Store } from './open-store.ts'
import { ACCOUNT_ID, newPair } from './store-fixture.ts'

const FIRST_PAGE = { after: undefined, limit: 100 }

function event(number: number, name = 'Session Created', code?: string): StreamEvent {
  return {
    number,
    name,
    type: 'IVS Stream State Change',
    timeMs: number * 1000,
    ...(code !== undefined && { code }),
  }
}

type Opening = { readonly channel?: Channel; readonly nodeId?: string; readonly createdAtMs?: number }

function opening(streamId: string, options: Opening = {}): WrittenEntry {
  const { channel = newPair().channel, nodeId = 'node', createdAtMs = 1 } = options
  return {
    kind: 'opened',
    streamId,
    channel,
    nodeId,
    createdAtMs,
    recordingConfiguration: undefined,
    events: [event(1)],
  }
}

const newStreamId = () => `st-${randomAlphanumeric(23)}`

eachDatabase((kind) => {
  let store: Store
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  async function open(options: Opening = {}): Promise<{ streamId: string; channel: Channel }> {
    const { channel } = { channel: newPair().channel, ...options }
    const streamId = newStreamId()
    await store.streamSessions.write([opening(streamId, { ...options, channel })])
    return { streamId, channel }
  }

  const end = (streamId: string, endTimeMs: number) =>
    store.streamSessions.write([
      { kind: 'changed', streamId, endTimeMs, events: [event(2, 'Session Ended')] },
    ])

  test('gives back what was written, step by step', async () => {
    const { channel } = newPair({ name: 'snapshot', tags: { ключ: '"' } })
    const streamId = newStreamId()
    const ingest = {
      videos: [
        {
          codec: 'avc1.64001F',
          profile: 'High',
          level: '3.1',
          width: 1280,
          height: 720,
          frameRate: 29.97,
          bitrateBps: 1,
          encoder: 'e',
        },
      ],
      audios: [],
    }
    const recordingConfiguration = newRecordingConfiguration(
      { region: 'us-west-2', accountId: ACCOUNT_ID, nowMs: 1 },
      { bucketName: 'bucket', thumbnails: { recordingMode: 'DISABLED' } },
    )
    await store.streamSessions.write([
      {
        kind: 'opened',
        streamId,
        channel,
        nodeId: 'n',
        createdAtMs: 1,
        recordingConfiguration,
        events: [event(1)],
      },
      { kind: 'changed', streamId, startTimeMs: 2, ingest, events: [event(2, 'Stream Start')] },
    ])
    const opened = {
      streamId,
      channel,
      recordingConfiguration,
      ingest,
      createdAtMs: 1,
      startTimeMs: 2,
      endTimeMs: undefined,
      hasErrorEvent: false,
    }
    expect(await store.streamSessions.get(ACCOUNT_ID, channel.arn, streamId)).toEqual(opened)
    const failure = event(3, 'Session Ended', 'MultitrackInputNotAllowed')
    await store.streamSessions.write([
      { kind: 'changed', streamId, endTimeMs: 3, ingest: undefined, events: [failure] },
    ])
    expect(await store.streamSessions.get(ACCOUNT_ID, channel.arn, undefined)).toEqual({
      ...opened,
      endTimeMs: 3,
      hasErrorEvent: true,
    })
    expect(await store.streamSessions.events(streamId)).toEqual([failure, event(2, 'Stream Start'), event(1)])
  })

  test('an entry that is written again changes nothing', async () => {
    const { channel } = newPair()
    const streamId = newStreamId()
    const first = opening(streamId, { channel })
    const start = { kind: 'changed', streamId, startTimeMs: 2, events: [event(2, 'Stream Start')] } as const
    await store.streamSessions.write([first, start])
    const written = await store.streamSessions.get(ACCOUNT_ID, channel.arn, streamId)
    await store.streamSessions.write([first, start])
    expect(await store.streamSessions.get(ACCOUNT_ID, channel.arn, streamId)).toEqual(written)
    expect(await store.streamSessions.events(streamId)).toHaveLength(2)
  })

  test('writes all entries or none', async () => {
    const { channel } = newPair()
    const streamId = newStreamId()
    const toNowhere: WrittenEntry = { kind: 'changed', streamId: newStreamId(), events: [event(1)] }
    await expect(
      store.streamSessions.write([opening(streamId, { channel }), toNowhere]),
    ).rejects.toMatchObject({ code: 'STATEMENT_FAILED' })
    expect(await store.streamSessions.get(ACCOUNT_ID, channel.arn, streamId)).toBeUndefined()
  })

  test('keeps the newest 500 events', async () => {
    const { streamId } = await open()
    for (let first = 2; first < 602; first += 100) {
      const events = Array.from({ length: 100 }, (_, index) => event(first + index))
      await store.streamSessions.write([{ kind: 'changed', streamId, events }])
    }
    const numbers = (await store.streamSessions.events(streamId)).map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => 601 - index))
  })

  test('finds the open sessions of one server, and those of others that fell silent', async () => {
    const [mine, ended, silent, busy] = [
      await open({ nodeId: 'mine' }),
      await open({ nodeId: 'mine' }),
      await open({ nodeId: 'silent' }),
      await open({ nodeId: 'busy' }),
    ]
    await end(ended.streamId, 5)
    await store.streamSessions.markAlive('mine', 900)
    await store.streamSessions.markAlive('busy', 1000)
    expect(await store.streamSessions.listOpen({ nodeId: 'mine' }, 10)).toEqual([
      { streamId: mine.streamId, startTimeMs: undefined, lastSeenMs: 900, lastEventNumber: 1 },
    ])
    const others = await store.streamSessions.listOpen({ otherThanNodeId: 'mine', silentSinceMs: 1000 }, 100)
    const ids = others.map(({ streamId }) => streamId)
    expect(ids).toContain(silent.streamId)
    expect(ids).not.toContain(busy.streamId)
    expect(ids).not.toContain(mine.streamId)
    expect(await store.streamSessions.listOpen({ nodeId: 'busy' }, 0)).toEqual([])
  })

  test('forgets sessions that ended long ago with their events, some at a time, and no other', async () => {
    const old = [await open(), await open(), await open()]
    for (const { streamId } of old) await end(streamId, 10_000)
    const young = await open()
    await end(young.streamId, 20_000)
    const live = await open({ createdAtMs: 1 })
    const { removeEndedBefore, get, events } = store.streamSessions
    while ((await removeEndedBefore(10_000, 10)) > 0);
    expect(await removeEndedBefore(20_000, 2)).toBe(2)
    expect(await removeEndedBefore(20_000, 2)).toBe(1)
    expect(await removeEndedBefore(20_000, 2)).toBe(0)
    for (const { streamId, channel } of old) {
      expect(await get(ACCOUNT_ID, channel.arn, streamId)).toBeUndefined()
      expect(await events(streamId)).toEqual([])
    }
    expect(await get(ACCOUNT_ID, young.channel.arn, young.streamId)).toBeDefined()
    expect(await get(ACCOUNT_ID, live.channel.arn, live.streamId)).toBeDefined()
  })

  test('lists newest first, in pages that nothing disturbs', async () => {
    const { channel } = newPair()
    const ids: string[] = []
    for (const createdAtMs of [3, 1, 2]) ids[createdAtMs] = (await open({ channel, createdAtMs })).streamId
    const first = await store.streamSessions.list(ACCOUNT_ID, channel.arn, { after: undefined, limit: 2 })
    await open({ channel, createdAtMs: 4 })
    const second = await store.streamSessions.list(ACCOUNT_ID, channel.arn, { after: first.next, limit: 2 })
    expect([...first.items, ...second.items].map(({ streamId }) => streamId)).toEqual([
      ids[3],
      ids[2],
      ids[1],
    ])
    expect(second.next).toBeUndefined()
    expect((await store.streamSessions.list('999999999999', channel.arn, FIRST_PAGE)).items).toEqual([])
  })
})
