/**
 * An ad server's end of beacons, for tests: writes down what arrives and answers as it is told; and the plainest way to
 * call it.
 */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BeaconAnswer, BeaconTransport } from './beacon-transport.ts'

/** A beacon that arrived. */
export type ReceivedBeacon = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** Status to answer with, or never to answer. */
export type ReceiverAnswer = number | 'silence'

/** A receiver on a port of its own. */
export type BeaconReceiver = AsyncDisposable & {
  readonly received: readonly ReceivedBeacon[]
  /** E.g. `http://127.0.0.1:4000`. */
  readonly address: string
  /** Most requests that were open at once. */
  readonly mostAtOnce: () => number
  /** From now on. */
  readonly answerWith: (answer: (path: string) => ReceiverAnswer | Promise<ReceiverAnswer>) => void
  /** Resolves when so many have arrived. */
  readonly has: (count: number) => Promise<void>
}

/** Listens on `port`, 0 for any. */
export async function startBeaconReceiver(port = 0): Promise<BeaconReceiver> {
  const received: ReceivedBeacon[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  let answer: (path: string) => ReceiverAnswer | Promise<ReceiverAnswer> = () => 204
  let open = 0
  let mostAtOnce = 0
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    open++
    mostAtOnce = Math.max(mostAtOnce, open)
    response.once('close', () => open--)
    const path = request.url ?? ''
    received.push({ path, headers: request.headers })
    for (const { count, resolve } of waiting) if (received.length >= count) resolve()
    const status = await answer(path)
    if (status !== 'silence') response.writeHead(status).end()
  }
  const server = createServer((request, response) => void respond(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    received,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mostAtOnce: () => mostAtOnce,
    answerWith: (next) => {
      answer = next
    },
    has: (count) => {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      if (received.length >= count) return Promise.resolve()
      waiting.push({ count, resolve: () => resolve(undefined) })
      return promise.then(() => undefined)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Calls whatever it is told to, without any check. */
export const plainTransport: BeaconTransport = ({ url, headers, timeoutMs }) =>
  new Promise<BeaconAnswer>((resolve) => {
    const request = get(url, { headers, agent: false }, (response) => {
      response.resume()
      response.once('end', () => resolve({ kind: 'answered', status: response.statusCode ?? 0 }))
    })
    request.setTimeout(timeoutMs, () => {
      resolve({ kind: 'timeout' })
      request.destroy()
    })
    request.once('error', () => resolve({ kind: 'failed', reason: 'no connection' }))
  })
