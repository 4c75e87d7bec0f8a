import { expect, test } from 'vitest'
import { startEventBridgeReceiver } from '../../test/harness/event-bridge-receiver.ts'
import { streamEventEnvelope } from '../domain/event-envelope.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { eventBridgeSink } from './event-bridge-sink.ts'

const ARN = 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdef1G2hij'
const SIGNAL = new AbortController().signal

function eventNamed(name: string): OutboxEvent {
  const event = { number: 1, name, type: 'IVS Stream State Change', timeMs: 1_770_253_388_000 }
  const envelope = streamEventEnvelope('st-1', event, { arn: ARN, accountId: '123456789012', name: 'demo' })
  return { sequence: 1, id: name, accountId: 'a', lane: name, writtenAtMs: 0, body: JSON.stringify(envelope) }
}

function busAt(endpoint: string, timeoutMs = 5000) {
  return eventBridgeSink({
    type: 'eventbridge',
    region: 'us-west-2',
    endpoint,
    eventBusName: 'live',
    source: 'aws.ivs',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    timeoutMs,
  })
}

test('puts events on the bus with the detail as it is', async () => {
  await using receiver = await startEventBridgeReceiver()
  await using bus = busAt(receiver.endpoint)
  expect(await bus.deliver([eventNamed('Stream Start')], SIGNAL)).toEqual([{ kind: 'delivered' }])
  expect(receiver.accepted).toEqual([
    {
      Time: new Date(1_770_253_388_000),
      Source: 'aws.ivs',
      DetailType: 'IVS Stream State Change',
      Detail: '{"event_name":"Stream Start","channel_name":"demo","stream_id":"st-1"}',
      Resources: [ARN],
      EventBusName: 'live',
    },
  ])
})

test('an entry that the bus refuses fails alone', async () => {
  await using receiver = await startEventBridgeReceiver(({ Detail }) =>
    Detail?.includes('Stream End')
      ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }
      : undefined,
  )
  await using bus = busAt(receiver.endpoint)
  const all = ['Session Ended', 'Stream End', 'Stream Start'].map(eventNamed)
  expect(await bus.deliver(all, SIGNAL)).toEqual([
    { kind: 'delivered' },
    { kind: 'failed', reason: 'ThrottlingException: slow down' },
    { kind: 'delivered' },
  ])
  expect(receiver.calls).toEqual([3])
})

test('takes ten events a call at most, as PutEvents does', async () => {
  await using receiver = await startEventBridgeReceiver()
  await using bus = busAt(receiver.endpoint)
  const events = Array.from({ length: bus.maxBatchEvents }, (_, index) => eventNamed(String(index)))
  expect(await bus.deliver(events, SIGNAL)).toHaveLength(10)
  await expect(bus.deliver([...events, eventNamed('11')], SIGNAL)).rejects.toThrow()
})

test('fails when the bus is away, and asks it once only', async () => {
  const receiver = await startEventBridgeReceiver()
  await receiver[Symbol.asyncDispose]()
  await using bus = busAt(receiver.endpoint)
  await expect(bus.deliver([eventNamed('Stream Start')], SIGNAL)).rejects.toThrow('ECONNREFUSED')
})
