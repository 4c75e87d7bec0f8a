/**
 * A webhook that answers as a test says, and keeps what was posted to it.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { EventEnvelope } from '../../src/domain/event-envelope.ts'

/** One POST. */
export type ReceivedPost = { readonly headers: IncomingHttpHeaders; readonly body: string }

/** A webhook that listens; `await using` stops it. */
export type WebhookReceiver = AsyncDisposable & {
  readonly url: string
  /** Every POST, accepted or not. */
  readonly posts: readonly ReceivedPost[]
  /** Events that were accepted, in their order; copies count. */
  readonly accepted: readonly EventEnvelope[]
  /** Connections that were opened so far. */
  readonly connections: () => number
}

/** A status, with headers if need be; a promise that never ends for a receiver that hangs. */
export type WebhookAnswer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Starts a webhook; without `answer` it accepts all. */
export async function startWebhookReceiver(
  answer: (post: ReceivedPost) => WebhookAnswer | Promise<WebhookAnswer> = () => ({ status: 200 }),
): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = []
  const accepted: EventEnvelope[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const post = { headers: request.headers, body: await text(request) }
      posts.push(post)
      const { status, headers = {}, body = '' } = await answer(post)
      if (status >= 200 && status < 300) accepted.push(JSON.parse(post.body) as EventEnvelope)
      response.writeHead(status, headers).end(body)
    })()
  })
  let connections = 0
  server.on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    posts,
    accepted,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
