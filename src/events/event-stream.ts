/**
 * The events of one account as they come, for tools and the console: server-sent events at `GET /events`.
 *
 * Reads from the outbox, so a reader that comes back with the id of its last event misses nothing that is still kept.
 * A reader that is slow waits; nothing is held for it in memory.
 *
 * Spec: HTML Living Standard §9.2 (server-sent events).
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { EventOutbox, OutboxEvent } from '../domain/event-outbox.ts'
import { WakeUp } from './wake-up.ts'

/** Whether a request may read, and whose events. */
export type EventAccess =
  | { readonly kind: 'granted'; readonly accountId: string }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }

/** What the stream needs. */
export type EventStreamOptions = {
  readonly outbox: Pick<EventOutbox, 'afterOfAccount' | 'newest'>
  readonly authorize: (request: IncomingMessage) => EventAccess
  readonly clock: Clock
  readonly logger: Logger
}

/** Path of the stream, below the root of the server. */
export const EVENT_STREAM_PATH = '/events'

const MAX_READERS = 100
const MAX_EVENTS_AT_ONCE = 100
/** Other servers write events too, and nobody tells of those. */
const LOOK_EVERY_MS = 1000
/** Proxies cut connections on which nothing moves. */
const COMMENT_EVERY_MS = 15_000
const RECONNECT_AFTER_MS = 1000

/** All readers of this process. */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #readers = new Map<ServerResponse, WakeUp>()
  #closed = false

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  /** Answers the request if it is for the stream. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = URL.parse(request.url ?? '', 'http://host')
    if (url?.pathname !== EVENT_STREAM_PATH || request.method !== 'GET') return false
    const access = this.#options.authorize(request)
    if (access.kind === 'refused') {
      refuse(response, access.status, access.message)
      return true
    }
    const place = request.headers['last-event-id'] ?? url.searchParams.get('after') ?? undefined
    if (place !== undefined && !/^\d{1,15}$/.test(String(place))) {
      refuse(response, 400, 'the last event id is not one that this server gave out')
    } else if (this.#closed || this.#readers.size >= MAX_READERS) {
      refuse(response, 503, 'too many readers of events')
    } else void this.#serve(response, access.accountId, place === undefined ? undefined : Number(place))
    return true
  }

  /** There may be new events. */
  wake(): void {
    for (const wakeUp of this.#readers.values()) wakeUp.now()
  }

  /** Ends every answer. */
  close(): void {
    this.#closed = true
    for (const response of this.#readers.keys()) response.end()
    this.wake()
  }

  async #serve(response: ServerResponse, accountId: string, after: number | undefined): Promise<void> {
    const { clock, logger } = this.#options
    const wakeUp = new WakeUp(clock)
    this.#readers.set(response, wakeUp)
    response.once('close', () => {
      this.#readers.delete(response)
      wakeUp.now()
    })
    response.on('error', () => undefined)
    try {
      const place = after ?? (await this.#options.outbox.newest())
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      response.write(`retry: ${RECONNECT_AFTER_MS}\n\n`)
      await this.#feed(response, accountId, place, wakeUp)
    } catch (error) {
      logger.warn('events could not be read for a reader of the event stream', { err: error })
      response.destroy()
    }
  }

  async #feed(response: ServerResponse, accountId: string, after: number, wakeUp: WakeUp): Promise<void> {
    const { outbox, clock } = this.#options
    let place = after
    let wroteMs = clock.monotonicMs()
    while (this.#readers.has(response) && !this.#closed) {
      const events = await outbox.afterOfAccount(accountId, place, MAX_EVENTS_AT_ONCE)
      place = events.at(-1)?.sequence ?? place
      const isQuiet = clock.monotonicMs() - wroteMs >= COMMENT_EVERY_MS
      const text = events.map(toMessage).join('') || (isQuiet ? ':\n\n' : '')
      if (text !== '') {
        wroteMs = clock.monotonicMs()
        if (!response.write(text)) await untilDrained(response)
      }
      if (events.length < MAX_EVENTS_AT_ONCE) await wakeUp.within(LOOK_EVERY_MS)
    }
  }
}

// Whichever comes second would stay behind as a listener, one more each time.
async function untilDrained(response: ServerResponse): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
  over.abort()
}

// An envelope is one line: JSON writes line breaks as escapes.
function toMessage({ sequence, body }: OutboxEvent): string {
  return `id: ${sequence}\ndata: ${body}\n\n`
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(`${JSON.stringify({ message })}\n`)
}
