/**
 * What a receiver has heard after a writing and delivering process was killed again and again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { silentLogger } from '../../src/base/logger.ts'
import type { Channel } from '../../src/domain/channel.ts'
import { streamEventEnvelope, type EventEnvelope } from '../../src/domain/event-envelope.ts'
import { startEventDelivery, type EventTarget } from '../../src/events/index.ts'
import { openStore, type Store, type StoreOptions } from '../../src/store/index.ts'
import { newPair } from '../../src/store/store-fixture.ts'
import { allDatabasesAtOnce, temporaryDatabase } from '../harness/databases.ts'
import { hastyClock } from '../harness/hasty-clock.ts'
import { startWebhookReceiver } from '../harness/webhook-receiver.ts'
import type { EventWriterOrder } from './event-writer.ts'

const WRITER = fileURLToPath(new URL('./event-writer.ts', import.meta.url))
const KILLS = 4
/** Longest life of a writer after it has begun. */
const MAX_LIFE_MS = 400
const SPEED = 100

function newChannels(count: number): readonly Channel[] {
  return Array.from({ length: count }, (_, index) => newPair({ name: `channel ${index}` }).channel)
}

async function writeUntilKilled(order: EventWriterOrder): Promise<void> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, [WRITER, JSON.stringify(order)], { stdio: [...stdio] })
  await once(child.stdout, 'readable')
  await sleep(Math.random() * MAX_LIFE_MS)
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Every event of a channel that the records tell of, oldest first. */
async function recordedIds(store: Store, channel: Channel): Promise<readonly string[]> {
  const sessions: string[] = []
  let after: string | undefined
  do {
    const page = await store.streamSessions.list(channel.accountId, channel.arn, { after, limit: 100 })
    sessions.unshift(...page.items.map(({ streamId }) => streamId).reverse())
    after = page.next
  } while (after !== undefined)
  const ids: string[] = []
  for (const streamId of sessions) {
    const events = [...(await store.streamSessions.events(streamId))].reverse()
    ids.push(...events.map((event) => streamEventEnvelope(streamId, event, channel).id))
  }
  return ids
}

async function deliverRest(
  options: StoreOptions,
  order: EventWriterOrder,
  isDone: (store: Store) => Promise<void>,
) {
  await using store = await openStore(options)
  const clock = hastyClock(order.startMs, order.speed)
  const { targets } = order
  const { eventOutbox: outbox } = store
  const delivery = await startEventDelivery({ targets, outbox, nodeId: 'heir', clock, logger: silentLogger })
  await isDone(store)
  await delivery.close(60_000)
}

allDatabasesAtOnce((kind) => {
  test('kill -9 at any moment and a receiver that fails half the time: no event is lost, copies have the same id, each channel is in order', async ({
    expect,
  }) => {
    await using place = await temporaryDatabase(kind)
    await using receiver = await startWebhookReceiver(() => ({ status: Math.random() < 0.5 ? 200 : 500 }))
    const timing = { timeoutMs: 500_000, maxRequestsAtOnce: 8, retryHours: 144 }
    const target: EventTarget = {
      type: 'webhook',
      name: 'hook',
      url: receiver.url,
      secret: undefined,
      ...timing,
    }
    const channels = newChannels(5)
    const startMs = Date.now()
    const order = { store: place.options, targets: [target], channels, startMs, speed: SPEED }
    for (let count = 0; count < KILLS; count++) await writeUntilKilled(order)

    const idsOf = (events: readonly EventEnvelope[], { arn }: Channel) =>
      events.filter(({ resources }) => resources[0] === arn).map(({ id }) => id)
    let copies = 0
    let total = 0
    await deliverRest(place.options, order, async (store) => {
      for (const channel of channels) {
        const recorded = await recordedIds(store, channel)
        const firstCopies = () => [...new Set(idsOf(receiver.accepted, channel))]
        await expect.poll(() => firstCopies().length, { timeout: 40_000 }).toBe(recorded.length)
        expect(firstCopies()).toEqual(recorded)
        copies += idsOf(receiver.accepted, channel).length - recorded.length
        total += recorded.length
      }
    })
    const bodies = new Map<string, string>()
    for (const { body } of receiver.posts) {
      const { id } = JSON.parse(body) as EventEnvelope
      expect(bodies.get(id) ?? body).toBe(body)
      bodies.set(id, body)
    }
    expect(total).toBeGreaterThan(KILLS * channels.length)
    expect(copies).toBeLessThan(total)
  })
})
