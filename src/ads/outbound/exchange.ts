/**
 * One request and its response.
 */
import type { Dispatcher } from 'undici'
import type { Connection } from './connection.ts'

/** A request as it goes onto the wire. */
export type WireRequest = {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** What a response begins with. */
export type ResponseHead = {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Holds the body up, for one who cannot take it as fast as it comes, and ends it. */
export type BodyFlow = Pick<Dispatcher.DispatchController, 'pause' | 'resume' | 'abort'>

/** Takes the body of a response. */
export type BodyReader = {
  /** What it throws ends the exchange, and is what that fails with. */
  readonly take: (chunk: Buffer) => void
  readonly end?: () => void
  readonly fail?: (error: Error) => void
  /** When all that matters is known from the head: a body that breaks off or is too long costs the connection alone. */
  readonly isUnwanted?: true
}

/** Knows from the head who takes the body; what it throws ends the exchange. */
export type ResponseReader = (head: ResponseHead, flow: BodyFlow) => BodyReader

/** What becomes of an exchange; all are called from within its connection. */
export type ExchangeEvents = {
  readonly resolve: (head: ResponseHead) => void
  readonly reject: (error: Error) => void
  /** With the connection that it had; `isBroken` when that cannot be used again. */
  readonly onDone: (connection: Connection, isBroken: boolean) => void
  /** The server had closed the connection already: another one is wanted. */
  readonly again: () => void
}

/** What a kept connection fails with when the server closed it in the meantime. */
const STALE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/** An exchange, which is sent once it has a connection. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: WireRequest
  readonly #read: ResponseReader
  readonly #events: ExchangeEvents
  #connection: Connection | undefined
  #head: ResponseHead | undefined
  #body: BodyReader | undefined
  #isRepeated = false
  #isOver = false

  constructor(request: WireRequest, read: ResponseReader, events: ExchangeEvents) {
    this.#request = request
    this.#read = read
    this.#events = events
  }

  /** Sends the request. */
  sendOn(connection: Connection): void {
    this.#connection = connection
    const { url, method, headers, body } = this.#request
    connection.send({ path: `${url.pathname}${url.search}`, method, headers, body: body ?? null }, this)
  }

  /** Ends it: it fails with `reason`. */
  end(reason: Error): void {
    this.#fail(reason)
  }

  /** Called by the connection; so are the ones below. */
  onRequestStart(): void {
    // Nothing is to be done, but without it undici takes this for a handler of its older kind.
  }

  onResponseStart(flow: BodyFlow, status: number, headers: ResponseHead['headers']): void {
    if (status < 200 || this.#isOver) return
    this.#head = { status, headers }
    this.#body = this.#read(this.#head, flow)
  }

  onResponseData(_flow: BodyFlow, chunk: Buffer): void {
    if (!this.#isOver) this.#body?.take(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver || !this.#head) return
    this.#isOver = true
    this.#body?.end?.()
    this.#leave(false)
    this.#events.resolve(this.#head)
  }

  onResponseError(_flow: BodyFlow, error: Error): void {
    if (this.#isOver) return
    const isStale = this.#connection?.isKept && STALE.has((error as NodeJS.ErrnoException).code)
    if (isStale && !this.#head && !this.#isRepeated) {
      this.#isRepeated = true
      this.#leave(true)
      this.#events.again()
    } else if (this.#head && this.#body?.isUnwanted) {
      this.#isOver = true
      this.#leave(true)
      this.#events.resolve(this.#head)
    } else this.#fail(error)
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#leave(true)
    this.#body?.fail?.(error)
    this.#events.reject(error)
  }

  #leave(isBroken: boolean): void {
    const connection = this.#connection
    this.#connection = undefined
    if (connection) this.#events.onDone(connection, isBroken)
  }
}
