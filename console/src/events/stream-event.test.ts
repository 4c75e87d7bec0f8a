import { describe, expect, test } from 'vitest'
import { fromRecord, readStreamEvent } from './stream-event.ts'

const ARN = 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdef1G2hij'
const ENVELOPE = {
  id: 'adea144d-fbea-5746-be86-93a0fa086981',
  'detail-type': 'IVS Stream State Change',
  time: '2026-02-05T01:03:08Z',
  resources: [ARN],
  detail: { event_name: 'Stream Start', channel_name: 'demo' },
}
const read = (change: object): ReturnType<typeof readStreamEvent> =>
  readStreamEvent(JSON.stringify({ ...ENVELOPE, ...change }), ARN)

describe('an event of the stream', () => {
  test('is read with its time, its name and its facts', () => {
    expect(read({})).toEqual({
      id: ENVELOPE.id,
      type: 'IVS Stream State Change',
      name: 'Stream Start',
      atMs: Date.UTC(2026, 1, 5, 1, 3, 8),
      facts: ENVELOPE.detail,
    })
  })

  test.each([
    ['IVS Limit Breach', { limit_name: 'Ingest Bitrate' }, 'Ingest Bitrate'],
    ['IVS Recording State Change', { recording_status: 'Recording End' }, 'Recording End'],
    ['IVS Thing Of Tomorrow', {}, 'IVS Thing Of Tomorrow'],
  ])('of the group %s with %j is called %s', (type, detail, name) => {
    expect(read({ 'detail-type': type, detail })?.name).toBe(name)
  })

  test('about the whole account is about the channel too', () => {
    expect(read({ resources: [] })?.name).toBe('Stream Start')
  })

  test('about another channel is not read', () => {
    expect(read({ resources: [`${ARN}x`] })).toBeUndefined()
  })

  test.each([{ id: 7 }, { 'detail-type': null }, { time: 'soon' }, { resources: 'all' }])(
    'with %j is not read',
    (change) => {
      expect(read(change)).toBeUndefined()
    },
  )

  test.each(['', 'null', '[]', '{'])('that is %j is not read', (text) => {
    expect(readStreamEvent(text, ARN)).toBeUndefined()
  })
})

test('an event of a record has an id by its place, and the whole second that the stream tells', () => {
  const recorded = {
    type: 'IVS Stream State Change',
    name: 'Session Ended',
    eventTime: new Date(1999),
    code: 'MultitrackInputRequired',
  }
  expect(fromRecord(recorded, 'st-1', 4)).toEqual({
    id: 'st-1/4',
    type: 'IVS Stream State Change',
    name: 'Session Ended',
    atMs: 1000,
    facts: { code: 'MultitrackInputRequired' },
  })
})
