import { expect, test } from 'vitest'
import { eventTone, eventWords } from './event-words.ts'
import type { EventFacts, StreamEvent } from './stream-event.ts'

const STATE = 'IVS Stream State Change'
const LIMIT = 'IVS Limit Breach'
const RECORDING = 'IVS Recording State Change'
const of = (type: string, name: string, facts: EventFacts = {}): StreamEvent => ({
  id: 'id',
  type,
  name,
  atMs: 0,
  facts,
})

const PLACE = { recording_s3_bucket_name: 'b', recording_s3_key_prefix: 'ivs/v1' }

test.each<readonly [string, string, EventFacts, string, string]>([
  [STATE, 'Session Created', {}, 'plain', 'An encoder has connected.'],
  [STATE, 'Stream Start', {}, 'start', 'Viewers can watch.'],
  [STATE, 'Session Ended', {}, 'plain', 'The encoder is gone.'],
  [
    STATE,
    'Session Ended',
    { code: 'MultitrackInputRequired' },
    'trouble',
    'The channel wants several tracks, the encoder sent one.',
  ],
  [STATE, 'Stream Takeover Failure', { code: 'Unheard' }, 'trouble', 'Unheard'],
  [STATE, 'Stream Failure', { reason: 'No capacity.' }, 'trouble', 'No capacity.'],
  ['IVS Stream Health Change', 'Starvation Start', {}, 'trouble', 'Too little arrives from the encoder.'],
  ['IVS Stream Health Change', 'Starvation End', {}, 'start', 'Enough arrives again.'],
  [
    LIMIT,
    'Ingest Bitrate',
    { limit_value: 8_500_000, exceeded_by: 1_500_000, limit_unit: 'bits per second' },
    'trouble',
    '10.0 Mbps came in, 8.5 Mbps are allowed.',
  ],
  [
    LIMIT,
    'Ingest Resolution',
    { limit_value: 2_100_000, exceeded_by: 50, limit_unit: 'total pixels' },
    'trouble',
    '2,100,050 total pixels, 2,100,000 are allowed.',
  ],
  [LIMIT, 'Ingest Bitrate', {}, 'trouble', 'More than is allowed.'],
  [RECORDING, 'Recording Start', { ...PLACE, recording_duration_ms: 0 }, 'start', 'b/ivs/v1'],
  [RECORDING, 'Recording End', { ...PLACE, recording_duration_ms: 65_400 }, 'plain', '1 min 5 s · b/ivs/v1'],
  [
    RECORDING,
    'Recording Start Failure',
    { recording_s3_key_prefix: '', recording_status_reason: 'ValidationException' },
    'trouble',
    'ValidationException',
  ],
  ['IVS Ad Break State Change', 'Ad Break Inserted', { duration_seconds: 30 }, 'start', '30 s'],
  ['IVS Thing Of Tomorrow', 'Something', {}, 'plain', ''],
])('%s, %s, %j is marked %s and told as "%s"', (type, name, facts, tone, words) => {
  const event = of(type, name, facts)
  expect([eventTone(event), eventWords(event)]).toEqual([tone, words])
})

test('an ad break tells from when on viewers see it, on the clock of the reader', () => {
  const target = '2026-02-05T01:03:18Z'
  const facts = { duration_seconds: 20, target_start_time: target }
  expect(eventWords(of('IVS Ad Break State Change', 'Ad Break Inserted', facts))).toBe(
    `20 s, from ${new Date(target).toLocaleTimeString()}`,
  )
})
