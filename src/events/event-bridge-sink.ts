/**
 * An event bus that takes PutEvents: Amazon EventBridge, or what speaks like it.
 *
 * The bus gives every event an id of its own.
 */
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import type { EventEnvelope } from '../domain/event-envelope.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { DELIVERED, failed, type EventSink } from './event-sink.ts'
import type { EventBridgeTarget } from './event-target.ts'

/** More than ten entries PutEvents does not take. */
const MAX_BATCH_EVENTS = 10
const MAX_CALLS_AT_ONCE = 4

/** The bus that `target` names. */
export function eventBridgeSink(target: EventBridgeTarget): EventSink {
  const { region, endpoint, credentials, timeoutMs } = target
  const client = new EventBridgeClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    // The outbox tries again, in order and for hours.
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutMs, connectionTimeout: timeoutMs, throwOnRequestTimeout: true },
  })
  return {
    maxBatchEvents: MAX_BATCH_EVENTS,
    maxCallsAtOnce: MAX_CALLS_AT_ONCE,
    deliver: async (events, signal) => {
      const command = new PutEventsCommand({ Entries: events.map((event) => toEntry(event, target)) })
      const { Entries: results = [] } = await client.send(command, { abortSignal: signal })
      return events.map((_, index) => {
        const result = results[index]
        if (!result) return failed('the answer has no entry for the event')
        const { ErrorCode: code, ErrorMessage: message = '' } = result
        return code === undefined ? DELIVERED : failed(`${code}: ${message}`)
      })
    },
    [Symbol.asyncDispose]: () => {
      client.destroy()
      return Promise.resolve()
    },
  }
}

function toEntry({ body }: OutboxEvent, target: EventBridgeTarget): PutEventsRequestEntry {
  const envelope = JSON.parse(body) as EventEnvelope
  return {
    Time: new Date(envelope.time),
    Source: target.source,
    DetailType: envelope['detail-type'],
    Detail: JSON.stringify(envelope.detail),
    Resources: [...envelope.resources],
    EventBusName: target.eventBusName,
  }
}
