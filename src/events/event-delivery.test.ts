import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryStore } from '../../test/harness/databases.ts'
import { startWebhookReceiver } from '../../test/harness/webhook-receiver.ts'
import { systemClock } from '../base/clock.ts'
import { silentLogger } from '../base/logger.ts'
import { temporaryDirectory } from '../store/store-fixture.ts'
import { startEventDelivery } from './event-delivery.ts'
import type { EventTarget } from './event-target.ts'

test('a target that hangs and one that is away hold up no other, and neither does their end', async () => {
  await using store = await temporaryStore('SQLite')
  await using directory = await temporaryDirectory()
  await using hanging = await startWebhookReceiver(() => new Promise(() => undefined))
  const path = join(directory.path, 'events.jsonl')
  const webhook = { type: 'webhook', secret: undefined, timeoutMs: 60_000, maxRequestsAtOnce: 1 } as const
  const targets: readonly EventTarget[] = [
    { ...webhook, name: 'hanging', retryHours: 1, url: hanging.url },
    { ...webhook, name: 'away', retryHours: 1, url: 'http://127.0.0.1:9/' },
    { type: 'file', name: 'file', retryHours: 1, path, sync: 'never' },
  ]
  const { eventOutbox: outbox } = store
  const clock = systemClock
  const delivery = await startEventDelivery({ targets, outbox, nodeId: 'n', clock, logger: silentLogger })
  await outbox.add([1, 2, 3].map((id) => ({ id: `${id}`, accountId: 'a', lane: 'l', body: `{"id":${id}}` })))
  delivery.wake()
  await expect.poll(() => delivery.counts().get('file')?.delivered).toBe(3)
  expect(await readFile(path, 'utf8')).toBe('{"id":1}\n{"id":2}\n{"id":3}\n')
  await expect.poll(() => hanging.posts.length).toBe(1)
  expect(delivery.counts().get('hanging')?.waiting).toBe(3)
  expect(delivery.counts().get('file')?.waiting).toBe(0)
  const startMs = performance.now()
  await delivery.close(200)
  expect(performance.now() - startMs).toBeLessThan(5000)
  expect(delivery.counts().get('hanging')?.delivered).toBe(0)
  expect((await outbox.state('away')).parked.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
})
