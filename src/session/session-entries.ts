/**
 * The steps in the life of a session as its journal gets them (reference ivs-behaviour §5, §11).
 *
 * Pure. When a step is taken is for the live session to decide.
 */
import type { Channel } from '../domain/channel.ts'
import type {
  IngestConfiguration,
  OpenStreamSession,
  SessionEntry,
  StreamEvent,
} from '../domain/stream-session.ts'

const STATE_CHANGE = 'IVS Stream State Change'

/** Writes the entries of one session; counts its events. */
export class SessionEntryWriter {
  readonly #streamId: string
  #lastEventNumber: number

  constructor(streamId: string, lastEventNumber = 0) {
    this.#streamId = streamId
    this.#lastEventNumber = lastEventNumber
  }

  /** A publisher was let in. */
  opened(channel: Channel, atMs: number): SessionEntry {
    const events = [this.#event('Session Created', atMs)]
    return { kind: 'opened', streamId: this.#streamId, channel, createdAtMs: atMs, events }
  }

  /** The first segment can be fetched. */
  started(ingest: IngestConfiguration | undefined, atMs: number): SessionEntry {
    const events = [this.#event('Stream Start', atMs)]
    return { kind: 'changed', streamId: this.#streamId, startTimeMs: atMs, ingest, events }
  }

  /** The publisher sends something else than before. */
  ingestChanged(ingest: IngestConfiguration | undefined): SessionEntry {
    return { kind: 'changed', streamId: this.#streamId, ingest, events: [] }
  }

  /** It is over. A session that nobody could watch has no stream to end. */
  ended(
    ingest: IngestConfiguration | undefined,
    hasStarted: boolean,
    atMs: number,
  ): Extract<SessionEntry, { kind: 'changed' }> {
    const events = [this.#event('Session Ended', atMs)]
    if (hasStarted) events.push(this.#event('Stream End', atMs))
    return { kind: 'changed', streamId: this.#streamId, endTimeMs: atMs, ingest, events }
  }

  #event(name: string, timeMs: number): StreamEvent {
    return { number: ++this.#lastEventNumber, name, type: STATE_CHANGE, timeMs }
  }
}

/** The end of a session that a crash of its server interrupted, at the last sign of life. */
export function interruptedEntry(session: OpenStreamSession): Extract<SessionEntry, { kind: 'changed' }> {
  const { streamId, startTimeMs, lastSeenMs, lastEventNumber } = session
  const endTimeMs = Math.max(lastSeenMs, startTimeMs ?? 0)
  const writer = new SessionEntryWriter(streamId, lastEventNumber)
  return writer.ended(undefined, startTimeMs !== undefined, endTimeMs)
}
