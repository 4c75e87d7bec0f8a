/**
 * Events as they leave the service: the envelope of Amazon EventBridge (reference ivs-behaviour §11).
 *
 * Pure. Who gets an envelope, and when, is the care of `events/`.
 */
import { hash } from 'node:crypto'
import type { AccountEvent } from './account-events.ts'
import { parseArn } from './arn.ts'
import type { Channel } from './channel.ts'
import type { StreamEvent } from './stream-session.ts'

/** Values that the detail of an event may hold. */
export type EventDetail = NonNullable<StreamEvent['detail']>

/** An event in the form that receivers read. */
export type EventEnvelope = {
  readonly version: '0'
  /** The same in every copy of the event. */
  readonly id: string
  readonly 'detail-type': string
  readonly source: 'aws.ivs'
  readonly account: string
  /** UTC in whole seconds, `2026-01-31T23:59:59Z`. */
  readonly time: string
  readonly region: string
  /** The channel's ARN; empty when the event is about an account. */
  readonly resources: readonly string[]
  readonly detail: EventDetail
}

/** The member of the detail that carries an event's name, by its type; `event_name` for all others. */
const NAME_MEMBERS: Readonly<Record<string, string>> = {
  'IVS Limit Breach': 'limit_name',
  'IVS Recording State Change': 'recording_status',
}

/** The envelope of an event of a stream session; the same input gives the same envelope, id included. */
export function streamEventEnvelope(
  streamId: string,
  event: StreamEvent,
  channel: Pick<Channel, 'arn' | 'accountId' | 'name'>,
): EventEnvelope {
  return {
    ...envelopeHead(`${streamId}/${event.number}`, event),
    account: channel.accountId,
    time: eventTime(event.timeMs),
    region: parseArn(channel.arn)?.region ?? '',
    resources: [channel.arn],
    detail: {
      ...namedDetail(event),
      channel_name: channel.name,
      stream_id: streamId,
      ...(event.code !== undefined && { code: event.code }),
      ...event.detail,
    },
  }
}

/** The envelope of an event of an account; `key` tells it from every other event of the account. */
export function accountEventEnvelope(event: AccountEvent, region: string, key: string): EventEnvelope {
  return {
    ...envelopeHead(`${event.accountId}/${key}`, event),
    account: event.accountId,
    time: eventTime(event.timeMs),
    region,
    resources: [],
    detail: event.detail,
  }
}

function envelopeHead(
  name: string,
  { type }: Pick<StreamEvent, 'type'>,
): Pick<EventEnvelope, 'version' | 'id' | 'detail-type' | 'source'> {
  return { version: '0', id: nameUuid(name), 'detail-type': type, source: 'aws.ivs' }
}

function namedDetail({ name, type }: Pick<StreamEvent, 'name' | 'type'>): EventDetail {
  return { [NAME_MEMBERS[type] ?? 'event_name']: name }
}

/** A moment as events write it: UTC in whole seconds, `2026-01-31T23:59:59Z`. */
export function eventTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

const UUID_NAMESPACE = Buffer.from('6f9c1d1e8d2b4c5a9f0e7a3b2c4d5e6f', 'hex')
const VERSION_BYTE = 6
const VARIANT_BYTE = 8

/** A UUID made of a name: version 5, SHA-1 (RFC 9562 §5.5). */
function nameUuid(name: string): string {
  const digest = hash('sha1', Buffer.concat([UUID_NAMESPACE, Buffer.from(name)]), 'buffer')
  digest[VERSION_BYTE] = ((digest[VERSION_BYTE] ?? 0) & 0x0f) | 0x50
  digest[VARIANT_BYTE] = ((digest[VARIANT_BYTE] ?? 0) & 0x3f) | 0x80
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
