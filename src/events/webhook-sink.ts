/**
 * A webhook: one POST for each event, its envelope as the body. Every answer from 200 to 299 means that it has arrived;
 * redirects are not followed.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Clock } from '../base/clock.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { DELIVERED, failed, type DeliveryOutcome, type EventSink } from './event-sink.ts'
import type { WebhookTarget } from './event-target.ts'
import { SIGNATURE_HEADER, webhookSignature } from './webhook-signature.ts'

/** Answers are of no interest; a longer one costs its connection. */
const MAX_ANSWER_BYTES = 64 * 1024

/** The webhook at `target.url`. */
export function webhookSink(target: WebhookTarget, clock: Clock): EventSink {
  const url = new URL(target.url)
  const isHttps = url.protocol === 'https:'
  const connections = { keepAlive: true, maxSockets: target.maxRequestsAtOnce }
  const agent = isHttps ? new HttpsAgent(connections) : new HttpAgent(connections)
  const request = isHttps ? httpsRequest : httpRequest

  const post = (event: OutboxEvent, signal: AbortSignal): Promise<DeliveryOutcome> =>
    new Promise((resolve) => {
      const { secret } = target
      const sent = request(url, {
        method: 'POST',
        agent,
        signal,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(event.body),
          'User-Agent': 'headwater',
          ...(secret !== undefined && {
            [SIGNATURE_HEADER]: webhookSignature(secret, event.body, clock.nowMs()),
          }),
        },
      })
      const timer = clock.after(target.timeoutMs, () =>
        sent.destroy(new Error(`no whole answer within ${target.timeoutMs} ms`)),
      )
      const end = (outcome: DeliveryOutcome): void => {
        timer.cancel()
        resolve(outcome)
      }
      sent.once('error', (error) => end(failed(error)))
      sent.once('response', (response) => {
        skipBody(response)
        response.once('error', (error) => end(failed(error)))
        response.once('end', () => end(outcomeOf(response.statusCode ?? 0)))
        response.once('close', () => end(failed('the answer was cut off')))
      })
      sent.end(event.body)
    })

  return {
    maxBatchEvents: 1,
    maxCallsAtOnce: target.maxRequestsAtOnce,
    deliver: (events, signal) => Promise.all(events.map((event) => post(event, signal))),
    [Symbol.asyncDispose]: () => {
      agent.destroy()
      return Promise.resolve()
    },
  }
}

function skipBody(response: IncomingMessage): void {
  let sizeBytes = 0
  response.on('data', (bytes: Buffer) => {
    sizeBytes += bytes.length
    if (sizeBytes > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'))
  })
}

function outcomeOf(status: number): DeliveryOutcome {
  return status >= 200 && status < 300 ? DELIVERED : failed(`answered ${status}`)
}
