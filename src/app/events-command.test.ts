import { expect, test } from 'vitest'
import type { EventEnvelope } from '../domain/event-envelope.ts'
import { parseCommandLine } from './cli.ts'
import { eventLine } from './events-command.ts'

const ENVELOPE: EventEnvelope = {
  version: '0',
  id: 'id',
  'detail-type': 'IVS Stream State Change',
  source: 'aws.ivs',
  account: '123456789012',
  time: '2026-02-05T01:03:08Z',
  region: 'us-west-2',
  resources: ['arn:aws:ivs:us-west-2:123456789012:channel/AbCdef1G2hij'],
  detail: {},
}

const STREAM = { channel_name: 'demo', stream_id: 'st-1' }
const PLACE = 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdef1G2hij "demo"  st-1'

test.each([
  [{ event_name: 'Stream Start', ...STREAM }, `2026-02-05T01:03:08Z  Stream Start  ${PLACE}`],
  [
    { limit_name: 'Ingest Bitrate', limit_value: 5, ...STREAM },
    `2026-02-05T01:03:08Z  Limit Breach: Ingest Bitrate  ${PLACE}  limit_value=5`,
  ],
  [
    { recording_status: 'Recording End', recording_session_stream_ids: ['st-0', 'st-1'], ...STREAM },
    `2026-02-05T01:03:08Z  Recording End  ${PLACE}  recording_session_stream_ids=st-0,st-1`,
  ],
])('%j is one line for people', (detail, line) => {
  expect(eventLine({ ...ENVELOPE, detail })).toBe(line)
})

test('an event of an account names the account', () => {
  const detail = { limit_name: 'Concurrent Viewers', limit_value: 10 }
  expect(eventLine({ ...ENVELOPE, resources: [], detail })).toBe(
    '2026-02-05T01:03:08Z  Limit Breach: Concurrent Viewers  account 123456789012  limit_value=10',
  )
})

test('asks the local server unless told otherwise', () => {
  expect(parseCommandLine(['events', 'tail'])).toEqual({
    kind: 'tail-events',
    options: { url: 'http://127.0.0.1:8080', region: 'us-west-2' },
  })
  const args = ['--url', 'https://live.example.com', '--json', '--after', '0', '--region', 'eu-west-1']
  expect(parseCommandLine(['events', 'tail', ...args])).toEqual({
    kind: 'tail-events',
    options: { url: 'https://live.example.com', region: 'eu-west-1', json: true, after: '0' },
  })
})

test.each([
  ['--url', 'ftp://x'],
  ['--after', 'x'],
])('%s %s is refused', (flag, value) => {
  expect(parseCommandLine(['events', 'tail', flag, value])).toMatchObject({ kind: 'refused' })
})
