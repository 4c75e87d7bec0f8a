import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { NewOutboxEvent } from '../domain/event-outbox.ts'
import { DropCounts } from '../domain/drops.ts'
import { AccountEventWriter } from './account-event-writer.ts'

const EVENT = {
  accountId: '123456789012',
  type: 'IVS Limit Breach',
  timeMs: Date.UTC(2026, 0, 1),
  detail: { limit_name: 'Concurrent Viewers', limit_value: 10, exceeded_by: 1, limit_unit: 'viewers' },
}

function setUp() {
  const clock = new ManualClock()
  const added: NewOutboxEvent[] = []
  const outbox = { isAway: false }
  let woken = 0
  const writer = new AccountEventWriter({
    drops: new DropCounts(),
    outbox: {
      add: (events) => {
        if (outbox.isAway) return Promise.reject(new Error('database away'))
        added.push(...events)
        return Promise.resolve()
      },
    },
    region: 'us-west-2',
    nodeId: 'node',
    clock,
    logger: silentLogger,
    onWritten: () => woken++,
  })
  return { clock, added, outbox, writer, woken: () => woken }
}

test('writes an envelope without resources, each with an id of its own, in the lane of the account', async () => {
  const { writer, added, woken } = setUp()
  writer.note(EVENT)
  writer.note(EVENT)
  await writer.close(1000)
  expect(added.map(({ lane }) => lane)).toEqual(['123456789012', '123456789012'])
  const [one, other] = added.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  expect(one).toMatchObject({
    account: '123456789012',
    region: 'us-west-2',
    resources: [],
    detail: EVENT.detail,
  })
  expect(one?.['id']).not.toBe(other?.['id'])
  expect(woken()).toBeGreaterThan(0)
})

test('tries again while the database is away, and holds a hundred at most', async () => {
  const { writer, added, outbox, clock } = setUp()
  outbox.isAway = true
  for (let count = 0; count < 150; count++) writer.note(EVENT)
  await expect.poll(() => clock.pendingTimers).toBe(1)
  outbox.isAway = false
  clock.advance(1000)
  await writer.close(1000)
  expect(added).toHaveLength(100)
})
