import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { startNatsServer } from '../../test/harness/nats-server.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import type { NatsTarget } from './event-target.ts'
import { natsSink } from './nats-sink.ts'

const SIGNAL = new AbortController().signal
const DELIVERED = { kind: 'delivered' }

function events(...ids: readonly string[]): readonly OutboxEvent[] {
  return ids.map((id) => ({
    sequence: 1,
    id,
    accountId: 'a',
    lane: id,
    writtenAtMs: 0,
    body: `{"id":"${id}"}`,
  }))
}

function subjectAt(url: string, changes: Partial<NatsTarget> = {}) {
  const login = { token: undefined, user: undefined, password: undefined }
  const common = { type: 'nats', servers: [url], subject: 'live.events', timeoutMs: 2000 } as const
  return natsSink({ ...common, ...login, acknowledge: false, ...changes })
}

test('publishes each event with its id', async () => {
  await using server = await startNatsServer()
  const listener = await connect({ servers: server.url })
  const subscription = listener.subscribe('live.events', { max: 2 })
  await listener.flush()
  await using sink = subjectAt(server.url)
  expect(await sink.deliver(events('one', 'two'), SIGNAL)).toEqual([DELIVERED, DELIVERED])
  const seen: string[] = []
  for await (const message of subscription) {
    seen.push(`${message.headers?.get('Nats-Msg-Id') ?? ''} ${message.string()}`)
  }
  expect(seen).toEqual(['one {"id":"one"}', 'two {"id":"two"}'])
  await listener.close()
})

test('fails while the server is away, and connects again when it is back', async () => {
  const { port } = await (async () => {
    await using server = await startNatsServer()
    await using early = subjectAt(server.url)
    await early.deliver(events('one'), SIGNAL)
    return server
  })()
  await using sink = subjectAt(`nats://127.0.0.1:${port}`)
  await expect(sink.deliver(events('one'), SIGNAL)).rejects.toThrow()
  await using _again = await startNatsServer({ port })
  expect(await sink.deliver(events('one'), SIGNAL)).toEqual([DELIVERED])
})

test('a server that dies under an open connection is noticed', async () => {
  const server = await startNatsServer()
  await using sink = subjectAt(server.url, { timeoutMs: 500 })
  await sink.deliver(events('one'), SIGNAL)
  await server[Symbol.asyncDispose]()
  await expect(sink.deliver(events('two'), SIGNAL)).rejects.toThrow()
})

test('with acknowledgement an event counts once JetStream has it, and a second copy is not kept', async () => {
  await using server = await startNatsServer()
  await using sink = subjectAt(server.url, { acknowledge: true })
  expect(await sink.deliver(events('one'), SIGNAL)).toMatchObject([{ kind: 'failed' }])

  const admin = await connect({ servers: server.url })
  const stream = { name: 'EVENTS', subjects: ['live.events'] }
  await admin.request('$JS.API.STREAM.CREATE.EVENTS', JSON.stringify(stream))
  expect(await sink.deliver(events('one', 'two'), SIGNAL)).toEqual([DELIVERED, DELIVERED])
  expect(await sink.deliver(events('two'), SIGNAL)).toEqual([DELIVERED])
  const about = await admin.request('$JS.API.STREAM.INFO.EVENTS')
  expect(about.json<{ state: { messages: number } }>().state.messages).toBe(2)
  await admin.close()
})
