/**
 * Lives through stream sessions on a few channels as fast as it can and delivers their events, until somebody kills it.
 *
 * As a server does it: sessions that the last run left open are ended before new ones begin. Started by
 * `event-durability.test.ts` with an `EventWriterOrder` as JSON; tells nothing but that it has begun.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomAlphanumeric } from '../../src/base/ids.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { Channel } from '../../src/domain/channel.ts'
import { startEventDelivery, type EventTarget } from '../../src/events/index.ts'
import { endInterruptedSessions } from '../../src/session/end-interrupted.ts'
import { JournalWriter } from '../../src/session/journal-writer.ts'
import { SessionEntryWriter } from '../../src/session/session-entries.ts'
import { openStore, type StoreOptions } from '../../src/store/index.ts'
import { hastyClock } from '../harness/hasty-clock.ts'

/** What the writer is asked to do. */
export type EventWriterOrder = {
  readonly store: StoreOptions
  readonly targets: readonly EventTarget[]
  readonly channels: readonly Channel[]
  readonly startMs: number
  readonly speed: number
}

const NODE_ID = 'writer'
const PAUSE_MS = 4
const HEALTH_CHANGES = 3

const [text = '{}'] = process.argv.slice(2)
const order = JSON.parse(text) as EventWriterOrder
const clock = hastyClock(order.startMs, order.speed)
const store = await openStore(order.store)
const { eventOutbox: outbox, streamSessions } = store
const options = { outbox, nodeId: NODE_ID, clock, logger: silentLogger }
const delivery = await startEventDelivery({ targets: order.targets, ...options })
await endInterruptedSessions(streamSessions, { nodeId: NODE_ID })
const journal = new JournalWriter({ store: streamSessions, ...store, ...options, onWritten: delivery.wake })
writeSync(1, 'begun\n')

async function live(channel: Channel): Promise<never> {
  for (;;) {
    const writer = new SessionEntryWriter(`st-${randomAlphanumeric(23)}`)
    journal.note(writer.opened(channel, clock.nowMs()))
    await sleep(PAUSE_MS)
    journal.note(writer.started(undefined, clock.nowMs()))
    for (let count = 0; count < HEALTH_CHANGES; count++) {
      await sleep(PAUSE_MS)
      journal.note(writer.healthChanged(count % 2 ? 'Starvation End' : 'Starvation Start', clock.nowMs()))
    }
    await sleep(PAUSE_MS)
    journal.note(writer.ended(undefined, true, clock.nowMs()))
    await sleep(PAUSE_MS * 10)
  }
}

await Promise.all(order.channels.map(live))
