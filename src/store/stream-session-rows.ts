/**
 * Rows of stream sessions to domain objects and back.
 */
import type { Channel } from '../domain/channel.ts'
import type { RecordingConfiguration } from '../domain/recording-configuration.ts'
import type { WrittenEntry } from '../domain/stores.ts'
import type {
  IngestConfiguration,
  StreamEvent,
  StreamSession,
  StreamSessionSummary,
} from '../domain/stream-session.ts'
import type { StreamEventRow, StreamSessionRow } from './schema.ts'

/** The columns that a summary is made of. */
export const SUMMARY_COLUMNS = [
  'stream_id',
  'created_at_ms',
  'started_at_ms',
  'ended_at_ms',
  'has_error_event',
] as const

/** The row that begins with the opening of a session. */
export function toStreamSessionRow(entry: Extract<WrittenEntry, { kind: 'opened' }>): StreamSessionRow {
  return {
    stream_id: entry.streamId,
    account_id: entry.channel.accountId,
    channel_arn: entry.channel.arn,
    node_id: entry.nodeId,
    channel: JSON.stringify(entry.channel),
    recording_configuration: entry.recordingConfiguration
      ? JSON.stringify(entry.recordingConfiguration)
      : null,
    ingest: null,
    created_at_ms: entry.createdAtMs,
    started_at_ms: null,
    ended_at_ms: null,
    alive_at_ms: entry.createdAtMs,
    last_event_number: 0,
    has_error_event: 0,
  }
}

/** The session that `row` keeps. */
export function fromStreamSessionRow(row: StreamSessionRow): StreamSession {
  return {
    ...fromSummaryRow(row),
    channel: JSON.parse(row.channel) as Channel,
    recordingConfiguration:
      row.recording_configuration === null
        ? undefined
        : (JSON.parse(row.recording_configuration) as RecordingConfiguration),
    ingest: row.ingest === null ? undefined : (JSON.parse(row.ingest) as IngestConfiguration),
  }
}

/** The summary in `row`. */
export function fromSummaryRow(
  row: Pick<StreamSessionRow, (typeof SUMMARY_COLUMNS)[number]>,
): StreamSessionSummary {
  return {
    streamId: row.stream_id,
    createdAtMs: row.created_at_ms,
    startTimeMs: row.started_at_ms ?? undefined,
    endTimeMs: row.ended_at_ms ?? undefined,
    hasErrorEvent: row.has_error_event === 1,
  }
}

/** The row that keeps `event`. */
export function toStreamEventRow(streamId: string, event: StreamEvent): StreamEventRow {
  const { number, name, type, timeMs, code = null } = event
  return { stream_id: streamId, number, name, type, time_ms: timeMs, code }
}

/** The event that `row` keeps. */
export function fromStreamEventRow(row: StreamEventRow): StreamEvent {
  const { number, name, type, time_ms: timeMs, code } = row
  return { number, name, type, timeMs, ...(code !== null && { code }) }
}
