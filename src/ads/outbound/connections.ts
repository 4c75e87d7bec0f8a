/**
 * The connections of a client: each is kept for a while after an answer, and there are only so many.
 *
 * Who finds none waits in line: first come, first served.
 */
import type { LookupFunction } from 'node:net'
import { Connection } from './connection.ts'
import type { Ending } from './ending.ts'
import { Exchange, type ResponseHead, type ResponseReader, type WireRequest } from './exchange.ts'
import { OutboundError } from './outbound-error.ts'

/** How many connections there may be. */
export type ConnectionLimits = {
  readonly maxPerHost: number
  /** More fail with `TOO_BUSY`; free ones of others are closed first. */
  readonly maxInAll: number
}

/** A request, and how the address of a new connection is judged and found. */
export type RoutedRequest = WireRequest & { readonly lookup: LookupFunction }

/** The connections of one origin. */
type Line = {
  readonly origin: string
  readonly target: Pick<RoutedRequest, 'url' | 'lookup'>
  readonly open: Set<Connection>
  /** Those of them that nobody uses; the one that was used last stands last. */
  readonly free: Connection[]
  /** Who has no connection yet. No more than there are requests under way: whoever gives up leaves. */
  readonly waiting: Set<Exchange>
}

/** The connections of one client. */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #lines = new Map<string, Line>()
  #open = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  /**
   * Sends a request; its body goes to what `read` answers to its head. Resolves with the head when the body is over; at
   * `ending` it fails with its reason.
   */
  exchange(request: RoutedRequest, ending: Ending, read: ResponseReader): Promise<ResponseHead> {
    return new Promise((resolve, reject) => {
      const line = this.#lineOf(request)
      const exchange = new Exchange(request, read, {
        resolve,
        reject,
        onDone: (connection, isBroken) => this.#giveBack(line, connection, isBroken),
        again: () => this.#sendAgain(line, exchange),
      })
      ending.listen((reason) => {
        line.waiting.delete(exchange)
        exchange.end(reason)
      })
      if (!ending.reason) this.#send(line, exchange, line.free.pop() ?? this.#connect(line))
    })
  }

  /** Closes all connections; requests under way fail. */
  close(): void {
    for (const line of [...this.#lines.values()]) {
      for (const connection of [...line.open]) this.#forget(line, connection)
    }
  }

  #lineOf({ url, lookup }: RoutedRequest): Line {
    const { origin } = url
    const known = this.#lines.get(origin)
    if (known) return known
    const target = { url, lookup }
    const line: Line = { origin, target, open: new Set(), free: [], waiting: new Set() }
    this.#lines.set(origin, line)
    return line
  }

  #send(line: Line, exchange: Exchange, connection: Connection | undefined): void {
    if (connection) exchange.sendOn(connection)
    else if (line.open.size > 0) line.waiting.add(exchange)
    else exchange.end(new OutboundError('TOO_BUSY', 'all connections are in use'))
  }

  /** On a connection that is new if there may be one more: the server may have closed all that were free. */
  #sendAgain(line: Line, exchange: Exchange): void {
    this.#lines.set(line.origin, line)
    this.#send(line, exchange, this.#connect(line) ?? line.free.pop())
  }

  /** Undefined when there are as many as there may be. */
  #connect(line: Line): Connection | undefined {
    if (line.open.size >= this.#limits.maxPerHost) return undefined
    if (this.#open >= this.#limits.maxInAll && !this.#closeFreeOne()) return undefined
    const connection = new Connection(line.target, () => this.#onClosed(line, connection))
    line.open.add(connection)
    this.#open++
    return connection
  }

  /** Of those that are free, one of the line that is there for longest. */
  #closeFreeOne(): boolean {
    for (const line of this.#lines.values()) {
      const [oldest] = line.free
      if (!oldest) continue
      this.#forget(line, oldest)
      return true
    }
    return false
  }

  #giveBack(line: Line, connection: Connection, isBroken: boolean): void {
    if (isBroken || connection.isClosed) {
      this.#forget(line, connection)
      return
    }
    const next = takeFirst(line.waiting)
    if (next) next.sendOn(connection)
    else line.free.push(connection)
  }

  /** One that is in use is forgotten by whoever uses it. */
  #onClosed(line: Line, connection: Connection): void {
    if (line.free.includes(connection)) this.#forget(line, connection)
  }

  #forget(line: Line, connection: Connection): void {
    if (!line.open.delete(connection)) return
    this.#open--
    const index = line.free.indexOf(connection)
    if (index !== -1) line.free.splice(index, 1)
    connection.close()
    // One gets its place; when there is none in all, everybody in line is told.
    do {
      const next = takeFirst(line.waiting)
      if (next) this.#send(line, next, this.#connect(line))
    } while (line.waiting.size > 0 && line.open.size === 0)
    if (line.open.size === 0 && this.#lines.get(line.origin) === line) this.#lines.delete(line.origin)
  }
}

function takeFirst(waiting: Set<Exchange>): Exchange | undefined {
  for (const first of waiting) {
    waiting.delete(first)
    return first
  }
  return undefined
}
