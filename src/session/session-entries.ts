/**
 * The steps in the life of a session as its journal gets them (reference ivs-behaviour §5, §11).
 *
 * Pure. When a step is taken is for the live session to decide.
 */
import type { AdBreak } from '../domain/ad-break.ts'
import type { Channel } from '../domain/channel.ts'
import { eventTime } from '../domain/event-envelope.ts'
import { LIMIT_BREACH, breachDetail } from '../domain/ingest-limits.ts'
import type { LimitBreach } from '../domain/ingest-limits.ts'
import type {
  IngestConfiguration,
  OpenStreamSession,
  SessionEntry,
  StreamEvent,
} from '../domain/stream-session.ts'

const STATE_CHANGE = 'IVS Stream State Change'
const HEALTH_CHANGE = 'IVS Stream Health Change'
const AD_BREAK_CHANGE = 'IVS Ad Break State Change'

/** An event as it is handed to the writer, which numbers it. */
type EventFacts = Pick<StreamEvent, 'name' | 'timeMs' | 'detail' | 'code'> & { readonly type?: string }

/** Why a publisher may not take a stream over (reference ivs-behaviour §4). */
export type TakeoverFailure =
  'StreamTakeoverMediaMismatch' | 'StreamTakeoverInvalidPriority' | 'StreamTakeoverLimitBreached'

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
    const events = [this.#event({ name: 'Session Created', timeMs: atMs })]
    return { kind: 'opened', streamId: this.#streamId, channel, createdAtMs: atMs, events }
  }

  /** The first segment can be fetched. */
  started(ingest: IngestConfiguration | undefined, atMs: number): SessionEntry {
    const events = [this.#event({ name: 'Stream Start', timeMs: atMs })]
    return { kind: 'changed', streamId: this.#streamId, startTimeMs: atMs, ingest, events }
  }

  /** The publisher sends something else than before. */
  ingestChanged(ingest: IngestConfiguration | undefined): SessionEntry {
    return { kind: 'changed', streamId: this.#streamId, ingest, events: [] }
  }

  /** Too little arrives, or enough again. */
  healthChanged(name: 'Starvation Start' | 'Starvation End', atMs: number): SessionEntry {
    return this.#changed(this.#event({ name, type: HEALTH_CHANGE, timeMs: atMs }))
  }

  /** The publisher exceeded a limit. Whether the session goes on is another step. */
  limitBreached(breach: LimitBreach, atMs: number): SessionEntry {
    const { name } = breach
    return this.#changed(
      this.#event({ name, type: LIMIT_BREACH, timeMs: atMs, detail: breachDetail(breach) }),
    )
  }

  /** Another publisher feeds the stream from here on. */
  takenOver(atMs: number): SessionEntry {
    return this.#changed(this.#event({ name: 'Stream Takeover', timeMs: atMs }))
  }

  /** Another publisher wished to, and was turned away. */
  takeoverFailed(code: TakeoverFailure, atMs: number): SessionEntry {
    return this.#changed(this.#event({ name: 'Stream Takeover Failure', timeMs: atMs, code }))
  }

  /** Something on our side failed. */
  failed(reason: string, atMs: number): SessionEntry {
    return this.#changed(this.#event({ name: 'Stream Failure', timeMs: atMs, detail: { reason } }))
  }

  /** Ads were asked for; playlists turn to them a little later. */
  adBreakInserted({ id, durationSeconds, insertedAtMs, targetStartMs }: AdBreak): SessionEntry {
    const detail = {
      ad_break_id: id,
      duration_seconds: durationSeconds,
      target_start_time: eventTime(targetStartMs),
    }
    const facts = { name: 'Ad Break Inserted', type: AD_BREAK_CHANGE, timeMs: insertedAtMs, detail }
    return this.#changed(this.#event(facts))
  }

  /** It is over. A session that nobody could watch has no stream to end. */
  ended(
    ingest: IngestConfiguration | undefined,
    hasStarted: boolean,
    atMs: number,
  ): Extract<SessionEntry, { kind: 'changed' }> {
    const events = [this.#event({ name: 'Session Ended', timeMs: atMs })]
    if (hasStarted) events.push(this.#event({ name: 'Stream End', timeMs: atMs }))
    return { kind: 'changed', streamId: this.#streamId, endTimeMs: atMs, ingest, events }
  }

  #changed(event: StreamEvent): SessionEntry {
    return { kind: 'changed', streamId: this.#streamId, events: [event] }
  }

  #event(facts: EventFacts): StreamEvent {
    return { number: ++this.#lastEventNumber, type: STATE_CHANGE, ...facts }
  }
}

/** The end of a session that a crash of its server interrupted, at the last sign of life. */
export function interruptedEntry(session: OpenStreamSession): Extract<SessionEntry, { kind: 'changed' }> {
  const { streamId, startTimeMs, lastSeenMs, lastEventNumber } = session
  const endTimeMs = Math.max(lastSeenMs, startTimeMs ?? 0)
  const writer = new SessionEntryWriter(streamId, lastEventNumber)
  return writer.ended(undefined, startTimeMs !== undefined, endTimeMs)
}
