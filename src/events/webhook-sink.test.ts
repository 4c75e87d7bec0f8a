import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startWebhookReceiver, type WebhookAnswer } from '../../test/harness/webhook-receiver.ts'
import { systemClock } from '../base/clock.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { webhookSink } from './webhook-sink.ts'
import { webhookSignature } from './webhook-signature.ts'

const SECRET = 'a-secret-of-the-webhook'
const EVENT: OutboxEvent = {
  sequence: 1,
  id: 'id',
  accountId: 'account',
  lane: 'lane',
  writtenAtMs: 0,
  body: '{"detail":{"channel_name":"ä漢"}}',
}

function hook(url: string, changes: { timeoutMs?: number; secret?: string } = {}, clock = systemClock) {
  const options = { timeoutMs: 5000, secret: undefined, maxRequestsAtOnce: 2, ...changes }
  return webhookSink({ type: 'webhook', url, ...options }, clock)
}

const deliver = (sink: ReturnType<typeof hook>) => sink.deliver([EVENT], new AbortController().signal)

test('signs the time and the body: t=<seconds>,v1=<HMAC-SHA256>', () => {
  expect(webhookSignature('secret', '{"a":1}', 1_700_000_000_999)).toBe(
    't=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686',
  )
})

test('posts the envelope, signed so that the receiver can check it', async () => {
  await using receiver = await startWebhookReceiver()
  const clock = new ManualClock()
  await using sink = hook(receiver.url, { secret: SECRET }, clock)
  expect(await deliver(sink)).toEqual([{ kind: 'delivered' }])
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.posts
  expect(body).toBe(EVENT.body)
  expect(headers['content-type']).toBe('application/json')
  const seconds = clock.nowMs() / 1000
  const digest = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex')
  expect(headers['headwater-signature']).toBe(`t=${seconds},v1=${digest}`)
})

test('without a secret there is no signature', async () => {
  await using receiver = await startWebhookReceiver()
  await using sink = hook(receiver.url)
  await deliver(sink)
  expect(receiver.posts[0]?.headers).not.toHaveProperty('headwater-signature')
})

test('keeps its connection from event to event', async () => {
  await using receiver = await startWebhookReceiver()
  await using sink = hook(receiver.url)
  for (let count = 0; count < 3; count++) await deliver(sink)
  expect([receiver.posts.length, receiver.connections()]).toEqual([3, 1])
})

const ANSWERS: readonly (WebhookAnswer & { readonly outcome: object })[] = [
  { status: 204, outcome: { kind: 'delivered' } },
  { status: 299, outcome: { kind: 'delivered' } },
  { status: 302, headers: { Location: '/elsewhere' }, outcome: { kind: 'failed', reason: 'answered 302' } },
  { status: 410, outcome: { kind: 'failed', reason: 'answered 410' } },
  { status: 500, outcome: { kind: 'failed', reason: 'answered 500' } },
  {
    status: 200,
    body: 'x'.repeat(1024 * 1024),
    outcome: { kind: 'failed', reason: 'the answer is too long' },
  },
]

test.each(ANSWERS)('an answer of $status means $outcome', async ({ outcome, ...answer }) => {
  await using receiver = await startWebhookReceiver(() => answer)
  await using sink = hook(receiver.url)
  expect(await deliver(sink)).toEqual([outcome])
  expect(receiver.posts).toHaveLength(1)
})

test('a receiver that hangs fails after the time-out', async () => {
  await using receiver = await startWebhookReceiver(() => new Promise(() => undefined))
  const clock = new ManualClock()
  await using sink = hook(receiver.url, { timeoutMs: 1000 }, clock)
  const outcome = deliver(sink)
  await expect.poll(() => receiver.posts.length).toBe(1)
  clock.advance(1000)
  expect(await outcome).toEqual([{ kind: 'failed', reason: 'no whole answer within 1000 ms' }])
  expect(clock.pendingTimers).toBe(0)
})

test('nobody there, one who hangs up and one who talks nonsense are failures', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end('nonsense\r\n\r\n')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await using sink = hook(url)
  expect(await deliver(sink)).toMatchObject([{ kind: 'failed' }])
  server.close()
  await once(server, 'close')
  await using gone = hook(url)
  expect(await deliver(gone)).toMatchObject([
    { kind: 'failed', reason: expect.stringContaining('ECONNREFUSED') as string },
  ])
})
