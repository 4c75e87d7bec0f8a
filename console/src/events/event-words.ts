/**
 * What people are told of an event: one short line, and whether it needs a look.
 */
import { formatBitrate, formatLength } from '../format.ts'
import type { EventFacts, StreamEvent } from './stream-event.ts'

/** How an event is marked: something begins, something needs a look, or neither. */
export type EventTone = 'start' | 'trouble' | 'plain'

const TROUBLE = /Failure|Starvation Start/
const START = /^(Stream Start|Recording Start|Ad Break Inserted|Starvation End)$/

/** Plain words for events that need none of their facts. */
const WORDS: Readonly<Record<string, string>> = {
  'Session Created': 'An encoder has connected.',
  'Session Ended': 'The encoder is gone.',
  'Stream Start': 'Viewers can watch.',
  'Stream End': 'There is nothing more to watch.',
  'Stream Takeover': 'Another encoder took its place.',
  'Starvation Start': 'Too little arrives from the encoder.',
  'Starvation End': 'Enough arrives again.',
}

/** Words for the codes that sessions and takeovers are refused with. */
const CODES: Readonly<Record<string, string>> = {
  MultitrackInputNotAllowed: 'The channel takes one track, the encoder sent several.',
  MultitrackInputRequired: 'The channel wants several tracks, the encoder sent one.',
  StreamTakeoverInvalidPriority: 'Its priority is not above that of the running encoder.',
  StreamTakeoverLimitBreached: 'This stream was taken over too often.',
  StreamTakeoverMediaMismatch: 'Its picture or sound differs from that of the running encoder.',
}

/** Marks an event. */
export function eventTone({ type, name, facts }: StreamEvent): EventTone {
  if (type === 'IVS Limit Breach' || TROUBLE.test(name) || 'code' in facts) return 'trouble'
  return START.test(name) ? 'start' : 'plain'
}

/** What there is to say of an event beside its name; may be empty. */
export function eventWords({ type, name, facts }: StreamEvent): string {
  const code = text(facts, 'code')
  if (code !== '') return CODES[code] ?? code
  if (type === 'IVS Limit Breach') return limitWords(facts)
  if (type === 'IVS Recording State Change') return recordingWords(facts)
  if (type === 'IVS Ad Break State Change') return breakWords(facts)
  return text(facts, 'reason') || (WORDS[name] ?? '')
}

function limitWords(facts: EventFacts): string {
  const [limit, excess] = [facts['limit_value'], facts['exceeded_by']]
  if (typeof limit !== 'number' || typeof excess !== 'number') return 'More than is allowed.'
  const unit = text(facts, 'limit_unit')
  if (unit === 'bits per second') {
    return `${formatBitrate(limit + excess)} came in, ${formatBitrate(limit)} are allowed.`
  }
  return `${(limit + excess).toLocaleString('en')} ${unit}, ${limit.toLocaleString('en')} are allowed.`
}

function recordingWords(facts: EventFacts): string {
  const durationMs = facts['recording_duration_ms']
  const length = typeof durationMs === 'number' && durationMs > 0 ? formatLength(durationMs / 1000) : ''
  const [bucket, prefix] = [text(facts, 'recording_s3_bucket_name'), text(facts, 'recording_s3_key_prefix')]
  const place = prefix === '' ? bucket : `${bucket}/${prefix}`
  return [text(facts, 'recording_status_reason'), length, place].filter((part) => part !== '').join(' · ')
}

function breakWords(facts: EventFacts): string {
  const seconds = facts['duration_seconds']
  const startMs = Date.parse(text(facts, 'target_start_time'))
  if (typeof seconds !== 'number') return ''
  const start = Number.isNaN(startMs) ? '' : `, from ${new Date(startMs).toLocaleTimeString()}`
  return `${String(seconds)} s${start}`
}

function text(facts: EventFacts, member: string): string {
  const value = facts[member]
  return typeof value === 'string' ? value : ''
}
