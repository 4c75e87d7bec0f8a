/**
 * Reads the event stream of a server, for as long as somebody wants to: comes back after every break, where it was.
 */
import type { Clock } from '../base/clock.ts'
import type { EventEnvelope } from '../domain/event-envelope.ts'
import { EVENT_STREAM_PATH } from '../events/event-stream.ts'
import { SseReader } from './sse-reader.ts'

/** Why a server does not give its events. */
export class EventTailError extends Error {
  override readonly name = 'EventTailError'
  readonly code: EventTailErrorCode = 'EVENTS_REFUSED'
}

/** Stable codes, listed in docs/reference/errors.md. */
export type EventTailErrorCode = 'EVENTS_REFUSED'

/** What reading needs. */
export type EventTailOptions = {
  /** Root of the server. */
  readonly url: string
  /** Place of the last event that is known; undefined for only those to come. */
  readonly after: string | undefined
  /** Headers that prove who asks; called for each request. */
  readonly headersFor: (url: URL) => Readonly<Record<string, string>>
  readonly onEvent: (event: EventEnvelope, line: string) => void
  /** The connection is lost, or could not be made. */
  readonly onBreak: (reason: string) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

const RECONNECT_AFTER_MS = 1000
const MAX_REASON_CHARS = 500

/**
 * Reads until `signal` says so.
 *
 * @throws {EventTailError} when the server refuses, for that does not get better.
 */
export async function tailEvents(options: EventTailOptions): Promise<void> {
  const { signal, clock, onBreak } = options
  let place = options.after
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    try {
      await readOnce(options, place, (id) => (place = id))
      onBreak('the server ended the answer')
    } catch (error) {
      if (isOver()) return
      if (error instanceof EventTailError) throw error
      onBreak(reasonOf(error))
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = clock.after(RECONNECT_AFTER_MS, () => resolve(undefined))
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    await promise
    timer.cancel()
  }
}

async function readOnce(
  { url: root, headersFor, onEvent, signal }: EventTailOptions,
  place: string | undefined,
  onPlace: (id: string) => void,
): Promise<void> {
  const url = new URL(`${root.replace(/\/+$/, '')}${EVENT_STREAM_PATH}`)
  const lastPlace: Record<string, string> = place === undefined ? {} : { 'Last-Event-ID': place }
  const response = await fetch(url, { headers: { ...headersFor(url), ...lastPlace }, signal })
  if (response.status >= 400 && response.status < 500) {
    const text = (await response.text()).slice(0, MAX_REASON_CHARS).trim()
    throw new EventTailError(`the server answered ${response.status}: ${text}`)
  }
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
  const reader = new SseReader(({ id, data }) => {
    onEvent(JSON.parse(data) as EventEnvelope, data)
    if (id !== '') onPlace(id)
  })
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) reader.push(text)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
