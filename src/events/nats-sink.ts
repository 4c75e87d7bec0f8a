/**
 * A subject of NATS: one message for each event, its envelope as the payload and its id as `Nats-Msg-Id`, by which
 * JetStream knows a second copy.
 *
 * Without acknowledgement an event counts as delivered when the server has received it, whoever listens.
 */
import { connect, headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { DELIVERED, failed, type DeliveryOutcome, type EventSink } from './event-sink.ts'
import type { NatsTarget } from './event-target.ts'

const MAX_BATCH_EVENTS = 100
const MESSAGE_ID_HEADER = 'Nats-Msg-Id'

/** The subject that `target` names; connects when there is something to send. */
export function natsSink(target: NatsTarget): EventSink {
  let connection: NatsConnection | undefined

  const current = async (): Promise<NatsConnection> => {
    if (connection && !connection.isClosed()) return connection
    const { servers, timeoutMs, token, user, password } = target
    connection = await connect({
      servers: [...servers],
      name: 'headwater',
      timeout: timeoutMs,
      // The outbox tries again; what a lost connection still held back must not come out later.
      reconnect: false,
      ...(token !== undefined && { token }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { pass: password }),
    })
    return connection
  }

  const acknowledged = async (open: NatsConnection, event: OutboxEvent): Promise<DeliveryOutcome> => {
    const options = { timeout: target.timeoutMs, headers: idHeader(event) }
    try {
      const { data } = await open.request(target.subject, event.body, options)
      return readAcknowledgement(data)
    } catch (error) {
      return failed(error)
    }
  }

  return {
    maxBatchEvents: MAX_BATCH_EVENTS,
    maxCallsAtOnce: 1,
    deliver: async (events, signal) => {
      const open = await within(target.timeoutMs, signal, current())
      if (target.acknowledge) return Promise.all(events.map((event) => acknowledged(open, event)))
      for (const event of events) open.publish(target.subject, event.body, { headers: idHeader(event) })
      try {
        await within(target.timeoutMs, signal, open.flush())
      } catch (error) {
        await open.close().catch(() => undefined)
        throw error
      }
      return events.map(() => DELIVERED)
    },
    [Symbol.asyncDispose]: async () => {
      await connection?.close()
    },
  }
}

function idHeader({ id }: OutboxEvent): MsgHdrs {
  const idHeaders = headers()
  idHeaders.set(MESSAGE_ID_HEADER, id)
  return idHeaders
}

function readAcknowledgement(payload: Uint8Array): DeliveryOutcome {
  const answer = JSON.parse(Buffer.from(payload).toString()) as {
    stream?: string
    error?: { description?: string }
  }
  if (answer.error) return failed(answer.error.description ?? 'refused')
  return answer.stream === undefined ? failed('the answer is no acknowledgement') : DELIVERED
}

async function within<Result>(limitMs: number, signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = (): void => reject(new Error('the NATS server does not answer'))
  limit.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([work, over])
  } finally {
    limit.removeEventListener('abort', end)
  }
}
