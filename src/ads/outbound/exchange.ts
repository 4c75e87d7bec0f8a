/**
 * One request and the head of its response, on a connection that is kept for the next one.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Ending } from './ending.ts'
import { hostOf } from './target-guard.ts'

/** How many connections there may be. */
export type ConnectionLimits = {
  readonly maxPerHost: number
  /** Of http and of https, each. */
  readonly maxInAll: number
}

/** A request as it goes onto the wire. */
export type WireRequest = {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body: Uint8Array | undefined
  /** Judges and finds the address of a new connection. */
  readonly lookup: LookupFunction
}

const MAX_FREE_PER_HOST = 512
/** Shorter than the usual wait of servers, so that they seldom close first. */
const FREE_CONNECTION_MS = 4000
const MAX_HEADER_BYTES = 32_768
/** What a kept connection fails with when the server closed it in the meantime. */
const STALE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE'])

/** The connections of one client. */
export class Connections {
  readonly #http: HttpAgent
  readonly #https: HttpsAgent

  constructor({ maxPerHost, maxInAll }: ConnectionLimits) {
    const options = {
      keepAlive: true,
      maxSockets: maxPerHost,
      maxTotalSockets: maxInAll,
      maxFreeSockets: MAX_FREE_PER_HOST,
      timeout: FREE_CONNECTION_MS,
    }
    this.#http = new HttpAgent(options)
    this.#https = new HttpsAgent(options)
  }

  /** Resolves with the head of the response; at `ending` the request, or the response, fails with its reason. */
  exchange(request: WireRequest, ending: Ending): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#send(request, ending, { resolve, reject, mayRepeat: true })
    })
  }

  /** Closes all connections; requests under way fail. */
  close(): void {
    this.#http.destroy()
    this.#https.destroy()
  }

  #send(
    request: WireRequest,
    ending: Ending,
    { resolve, reject, mayRepeat }: Outcome & { readonly mayRepeat: boolean },
  ): void {
    const sent = this.#open(request)
    ending.listen((reason) => {
      // One that waits for a connection would tell only when it has one.
      reject(reason)
      sent.destroy(reason)
    })
    sent.once('response', resolve)
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && STALE.has(error.code) && !ending.reason
      if (!isStale || !mayRepeat) {
        reject(error)
        return
      }
      this.#send(request, ending, { resolve, reject, mayRepeat: false })
    })
    sent.end(request.body)
  }

  #open({ url, method, headers, body, lookup }: WireRequest): ClientRequest {
    const isHttps = url.protocol === 'https:'
    const options = {
      agent: isHttps ? this.#https : this.#http,
      protocol: url.protocol,
      // Not the URL itself: a user and a password in it would be sent along.
      host: hostOf(url),
      port: url.port === '' ? undefined : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method,
      headers: {
        ...headers,
        host: url.host,
        ...(body && { 'content-length': String(body.length) }),
      },
      lookup,
      maxHeaderSize: MAX_HEADER_BYTES,
      setDefaultHeaders: true,
    }
    return isHttps ? httpsRequest(options) : httpRequest(options)
  }
}

type Outcome = {
  readonly resolve: (response: IncomingMessage) => void
  readonly reject: (error: Error) => void
}
