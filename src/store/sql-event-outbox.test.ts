import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryDatabase } from '../../test/harness/databases.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import type { Channel } from '../domain/channel.ts'
import type { EventOutbox, NewOutboxEvent, OutboxEvent, TargetProgress } from '../domain/event-outbox.ts'
import type { WrittenEntry } from '../domain/stores.ts'
import { openStore, type Store } from './open-store.ts'
import { ACCOUNT_ID, newPair, temporaryDirectory } from './store-fixture.ts'

const newId = () => randomAlphanumeric(16)

function someEvent(lane = 'lane', accountId = ACCOUNT_ID): NewOutboxEvent {
  return { id: newId(), accountId, lane, body: '{}' }
}

function opening(channel: Channel, streamId: string): WrittenEntry {
  const event = { number: 1, name: 'Session Created', type: 'IVS Stream State Change', timeMs: 1000 }
  const opened = { kind: 'opened', streamId, channel, nodeId: 'node', createdAtMs: 1 } as const
  return { ...opened, recordingConfiguration: undefined, events: [event] }
}

eachDatabase((kind) => {
  const opened = new AsyncDisposableStack()
  let store: Store
  let outbox: EventOutbox
  let other: Store | undefined
  beforeAll(async () => {
    const place = opened.use(await temporaryDatabase(kind))
    store = opened.use(await openStore(place.options))
    outbox = store.eventOutbox
    if (kind === 'SQLite') return
    const directory = opened.use(await temporaryDirectory())
    other = opened.use(await openStore({ ...place.options, dataDir: directory.path }))
  })
  afterAll(() => opened.disposeAsync())

  const since = (sequence: number): Promise<readonly OutboxEvent[]> => outbox.after(sequence, 100_000)

  async function newTarget(nodeId = 'node'): Promise<{ target: string; save: SaveProgress }> {
    const target = newId()
    await outbox.register(target)
    expect(await outbox.lease(target, nodeId, 0, 1000)).toBe(true)
    const nothing = { target, nodeId, nowMs: 7, cursor: 0, parked: [], delivered: [], dead: [] }
    return { target, save: (changes) => outbox.save({ ...nothing, ...changes }) }
  }
  type SaveProgress = (changes: Partial<TargetProgress>) => Promise<boolean>

  test('events of a session come with its record, once however often it is written, in their order', async () => {
    const begin = await outbox.newest()
    const { channel } = newPair({ name: 'the name' })
    const streamId = `st-${randomAlphanumeric(23)}`
    const reason = 'Transcode capacity exceeded. Please try again.'
    const failure = { number: 2, name: 'Stream Failure', type: 'IVS Stream State Change', timeMs: 61_999 }
    const entries: WrittenEntry[] = [
      opening(channel, streamId),
      { kind: 'changed', streamId, events: [{ ...failure, detail: { reason } }] },
    ]
    await store.streamSessions.write(entries)
    await store.streamSessions.write(entries)
    const events = await since(begin)
    const bodies = events.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    expect(bodies.map(({ detail }) => detail)).toEqual([
      { event_name: 'Session Created', channel_name: 'the name', stream_id: streamId },
      { event_name: 'Stream Failure', channel_name: 'the name', stream_id: streamId, reason },
    ])
    expect(bodies[1]).toMatchObject({ time: '1970-01-01T00:01:01Z', resources: [channel.arn] })
    expect(events.map(({ id, lane, accountId }) => ({ id, lane, accountId }))).toEqual(
      bodies.map(({ id }) => ({ id, lane: channel.arn, accountId: ACCOUNT_ID })),
    )
    expect(events[0]?.writtenAtMs).toBeGreaterThan(Date.now() - 60_000)
  })

  test('what is not written leaves no event', async () => {
    const begin = await outbox.newest()
    const streamId = `st-${randomAlphanumeric(23)}`
    const event = { number: 1, name: 'Stream Start', type: 'IVS Stream State Change', timeMs: 1 }
    const toNowhere: WrittenEntry = { kind: 'changed', streamId: 'st-nowhere', events: [event] }
    const write = store.streamSessions.write([opening(newPair().channel, streamId), toNowhere])
    await expect(write).rejects.toMatchObject({ code: 'STATEMENT_FAILED' })
    expect(await since(begin)).toEqual([])
    expect(await outbox.newest()).toBe(begin)
  })

  test('whoever reads on from a number misses nothing, however many write', async () => {
    const begin = await outbox.newest()
    const writers = Array.from({ length: 20 }, async (_, index) => {
      const { eventOutbox } = index % 2 && other ? other : store
      for (let count = 0; count < 5; count++) await eventOutbox.add([someEvent(), someEvent()])
    })
    const seen: number[] = []
    const all = Promise.all(writers)
    let last = begin
    while (seen.length < 200) {
      const events = await outbox.after(last, 7)
      seen.push(...events.map(({ sequence }) => sequence))
      last = events.at(-1)?.sequence ?? last
    }
    await all
    expect(seen).toEqual((await since(begin)).map(({ sequence }) => sequence))
    expect(new Set(seen).size).toBe(200)
  })

  test('reads on in one account, and gives the events of given places that are still there', async () => {
    const begin = await outbox.newest()
    const mine = someEvent('lane', '111111111111')
    await outbox.add([someEvent(), mine, someEvent()])
    expect(await outbox.afterOfAccount('111111111111', begin, 10)).toMatchObject([mine])
    const [first, , third] = await since(begin)
    const places = [third!.sequence, first!.sequence, third!.sequence + 1]
    expect((await outbox.get(places)).map(({ id }) => id)).toEqual([first!.id, third!.id])
    expect(await outbox.after(begin, 2)).toHaveLength(2)
  })

  test('a new target begins behind the newest event, a known one where it was', async () => {
    await outbox.add([someEvent()])
    const { target, save } = await newTarget()
    const newest = await outbox.newest()
    expect(await outbox.state(target)).toEqual({ cursor: newest, deadLetters: 0, parked: [] })
    await outbox.add([someEvent()])
    await save({ cursor: newest + 1 })
    await outbox.register(target)
    expect((await outbox.state(target)).cursor).toBe(newest + 1)
  })

  test('keeps what is parked until it is delivered or given up', async () => {
    const { target, save } = await newTarget()
    const begin = await outbox.newest()
    await outbox.add([someEvent(), someEvent(), someEvent()])
    const [one, two, three] = [begin + 1, begin + 2, begin + 3]
    const parked = [one, two, three].map((sequence) => ({ sequence, lane: 'l', attempts: 1, retryAtMs: 5 }))
    expect(await save({ cursor: three, parked })).toBe(true)
    expect(await outbox.state(target)).toEqual({ cursor: three, deadLetters: 0, parked })
    const again = { ...parked[2]!, attempts: 2, retryAtMs: 9 }
    const dead = [{ sequence: two, attempts: 3, reason: 'answered 500' }]
    await save({ cursor: three, parked: [again], delivered: [one], dead })
    expect(await outbox.state(target)).toEqual({ cursor: three, deadLetters: 1, parked: [again] })
  })

  test('one server at a time feeds a target, until its time is over or it gives up', async () => {
    const { target } = await newTarget('one')
    expect(await outbox.lease(target, 'two', 999, 2000)).toBe(false)
    expect(await outbox.lease(target, 'one', 999, 2000)).toBe(true)
    const progress = { target, nowMs: 1, cursor: 5, parked: [], delivered: [], dead: [] }
    expect(await outbox.save({ ...progress, nodeId: 'two' })).toBe(false)
    expect(await outbox.lease(target, 'two', 2000, 3000)).toBe(true)
    expect(await outbox.save({ ...progress, nodeId: 'one' })).toBe(false)
    expect(await outbox.save({ ...progress, nodeId: 'two' })).toBe(true)
    await outbox.release(target, 'two')
    expect(await outbox.lease(target, 'one', 2001, 3000)).toBe(true)
  })

  test('forgets old events, some at a time, and never gives their places again', async () => {
    await outbox.add([someEvent(), someEvent(), someEvent()])
    const newest = await outbox.newest()
    expect(await outbox.removeBefore(0, 10)).toBe(0)
    expect(await outbox.removeBefore(Date.now() + 1000, 1)).toBe(1)
    expect(await outbox.removeUpTo(newest - 1, 1)).toBe(1)
    while ((await outbox.removeUpTo(newest - 1, 100)) > 0);
    expect((await since(0)).map(({ sequence }) => sequence)).toEqual([newest])
    while ((await outbox.removeBefore(Date.now() + 1000, 100)) > 0);
    expect(await since(0)).toEqual([])
    await outbox.add([someEvent()])
    expect((await since(0)).map(({ sequence }) => sequence)).toEqual([newest + 1])
  })

  test('keeps the newest dead letters', async () => {
    const { target, save } = await newTarget()
    const begin = await outbox.newest()
    await outbox.add([someEvent(), someEvent(), someEvent()])
    const dead = [1, 2, 3].map((step) => ({ sequence: begin + step, attempts: 1, reason: '' }))
    await save({ cursor: begin + 3, dead })
    await outbox.trimDead(100)
    await outbox.trimDead(1)
    expect((await outbox.state(target)).deadLetters).toBe(3)
  })
})
