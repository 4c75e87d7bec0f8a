import { describe, expect, test } from 'vitest'
import type { AccountEvent } from './account-events.ts'
import { accountEventEnvelope, streamEventEnvelope } from './event-envelope.ts'
import type { StreamEvent } from './stream-session.ts'

const STREAM_ID = 'st-1A2b3c4D5e6F78ghij9Klmn'
const CHANNEL = {
  arn: 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdef1G2hij',
  accountId: '123456789012',
  name: 'demo',
}
const OF_STREAM = { channel_name: 'demo', stream_id: STREAM_ID }
const TIME_MS = Date.UTC(2026, 1, 5, 1, 3, 8, 999)

const STATE = 'IVS Stream State Change'
const HEALTH = 'IVS Stream Health Change'
const BREACH = 'IVS Limit Breach'
const RECORDING = 'IVS Recording State Change'

const AD_BREAK = {
  ad_break_id: 'hSi2o1WIVgij',
  duration_seconds: 20,
  target_start_time: '2026-02-05T01:03:18Z',
}
const RESOLUTION = { limit_value: 495000, exceeded_by: 426600, limit_unit: 'total pixels' }
const BITRATE = { limit_value: 8500000, exceeded_by: 1000, limit_unit: 'bits per second' }
const PLACE = { recording_s3_bucket_name: 'my-bucket', recording_session_id: 'a6RfV23ES97iyfoQ' }
const PREFIX = { recording_s3_key_prefix: 'ivs/v1/123456789012/AbCdef1G2hij/2020/6/23/20/12/j8Z9O91ndcVs' }
const NO_PREFIX = { recording_s3_key_prefix: '' }
const STARTED = { ...PLACE, ...PREFIX, recording_status_reason: '', recording_duration_ms: 0 }
const NOT_STARTED = {
  ...{ ...PLACE, ...NO_PREFIX },
  recording_status_reason: 'ValidationException',
  recording_duration_ms: 0,
}
const NOT_ENDED = {
  ...{ ...PLACE, ...PREFIX },
  recording_status_reason: 'InternalServerException',
  recording_duration_ms: 0,
}
const RECORDED = {
  ...{ ...PLACE, ...PREFIX },
  recording_status_reason: '',
  recording_duration_ms: 99370264,
  recording_session_stream_ids: ['st-254sopYUvi6F78ghpO9vn0A', STREAM_ID],
}
const NO_CAPACITY = { reason: 'Transcode capacity exceeded. Please try again.' }

type Row = Pick<StreamEvent, 'type' | 'name' | 'code' | 'detail'> & { readonly expected: object }

const ROWS: readonly Row[] = [
  {
    type: 'IVS Ad Break State Change',
    name: 'Ad Break Inserted',
    detail: AD_BREAK,
    expected: { event_name: 'Ad Break Inserted', ...OF_STREAM, ...AD_BREAK },
  },
  ...['Session Created', 'Session Ended', 'Stream Start', 'Stream End', 'Stream Takeover'].map((name) => ({
    type: STATE,
    name,
    expected: { event_name: name, ...OF_STREAM },
  })),
  ...['Session Ended', 'Stream Takeover Failure'].map((name) => ({
    type: STATE,
    name,
    code: 'MultitrackInputNotAllowed',
    expected: { event_name: name, ...OF_STREAM, code: 'MultitrackInputNotAllowed' },
  })),
  {
    type: STATE,
    name: 'Stream Failure',
    detail: NO_CAPACITY,
    expected: { event_name: 'Stream Failure', ...OF_STREAM, ...NO_CAPACITY },
  },
  ...['Starvation Start', 'Starvation End'].map((name) => ({
    type: HEALTH,
    name,
    expected: { event_name: name, ...OF_STREAM },
  })),
  {
    type: BREACH,
    name: 'Ingest Resolution',
    detail: RESOLUTION,
    expected: { limit_name: 'Ingest Resolution', ...OF_STREAM, ...RESOLUTION },
  },
  {
    type: BREACH,
    name: 'Ingest Bitrate',
    detail: BITRATE,
    expected: { limit_name: 'Ingest Bitrate', ...OF_STREAM, ...BITRATE },
  },
  ...(
    [
      ['Recording Start', STARTED],
      ['Recording End', RECORDED],
      ['Recording Start Failure', NOT_STARTED],
      ['Recording End Failure', NOT_ENDED],
    ] as const
  ).map(([name, detail]) => ({
    type: RECORDING,
    name,
    detail,
    expected: { recording_status: name, ...OF_STREAM, ...detail },
  })),
]

describe('an event of a stream (reference ivs-behaviour §11)', () => {
  test.each(ROWS)('$type, $name $code', ({ expected, ...event }) => {
    const envelope = streamEventEnvelope(STREAM_ID, { number: 3, timeMs: TIME_MS, ...event }, CHANNEL)
    expect(envelope).toEqual({
      version: '0',
      id: 'adea144d-fbea-5746-be86-93a0fa086981',
      'detail-type': event.type,
      source: 'aws.ivs',
      account: '123456789012',
      time: '2026-02-05T01:03:08Z',
      region: 'us-west-2',
      resources: [CHANNEL.arn],
      detail: expected,
    })
  })
})

const ACCOUNT_ROWS = [
  { limit_name: 'Concurrent Viewers', limit_value: 10, exceeded_by: 11, limit_unit: 'viewers' },
  { limit_name: 'Concurrent Broadcasts', limit_value: 100, exceeded_by: 1, limit_unit: 'active streams' },
] as const

test.each(ACCOUNT_ROWS)('$limit_name is about no channel (reference ivs-behaviour §11)', (detail) => {
  const event: AccountEvent = { accountId: '123456789012', type: BREACH, timeMs: TIME_MS, detail }
  expect(accountEventEnvelope(event, 'us-west-2', 'key')).toEqual({
    version: '0',
    id: '478e1a35-5d0f-53f1-880e-e719c29ff8f0',
    'detail-type': BREACH,
    source: 'aws.ivs',
    account: '123456789012',
    time: '2026-02-05T01:03:08Z',
    region: 'us-west-2',
    resources: [],
    detail,
  })
})

test('its id is a UUID of version 5, the same for the same event and another for every other (RFC 9562 §5.5)', () => {
  const idOf = (streamId: string, number: number) =>
    streamEventEnvelope(streamId, { number, name: 'n', type: STATE, timeMs: number }, CHANNEL).id
  expect(idOf(STREAM_ID, 1)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(idOf(STREAM_ID, 1)).toBe(idOf(STREAM_ID, 1))
  const ids = ['st-a', 'st-b'].flatMap((streamId) => [1, 2, 11].map((number) => idOf(streamId, number)))
  expect(new Set(ids).size).toBe(6)
})
