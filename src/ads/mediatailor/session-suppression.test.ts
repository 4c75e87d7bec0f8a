import { expect, test } from 'vitest'
import { suppressionOfJson, suppressionOfQuery } from './session-suppression.ts'

test('a player may say what is suppressed in its query or in JSON (ssai §3.1)', () => {
  const read = {
    kind: 'read',
    suppression: { mode: 'AFTER_LIVE_EDGE', valueSeconds: 90, fillPolicy: 'FULL_AVAIL_ONLY' },
  }
  const query = 'aws.availSuppressionMode=AFTER_LIVE_EDGE&aws.availSuppressionValue=00:01:30'
  expect(suppressionOfQuery(new URLSearchParams(query))).toEqual(read)
  expect(suppressionOfJson({ mode: 'after_live_edge', value: '00:01:30' })).toEqual(read)
  expect(suppressionOfJson({ mode: 'OFF' })).toMatchObject({ suppression: { mode: 'OFF' } })
  expect(
    suppressionOfJson({ mode: 'AFTER_LIVE_EDGE', value: '00:00:05', fillPolicy: 'PARTIAL_AVAIL' }),
  ).toMatchObject({ suppression: { valueSeconds: 5, fillPolicy: 'PARTIAL_AVAIL' } })
  const silent = { kind: 'read', suppression: undefined }
  expect([suppressionOfQuery(new URLSearchParams()), suppressionOfJson(undefined)]).toEqual([silent, silent])
})

test.each([
  [{ value: '00:00:10' }, 'avail suppression needs a mode'],
  [{ mode: 'BEHIND_LIVE_EDGE' }, 'the value of avail suppression must be HH:MM:SS'],
  [{ mode: 'BEHIND_LIVE_EDGE', value: '10' }, 'the value of avail suppression must be HH:MM:SS'],
  [{ mode: 5 }, 'availSuppression must be an object of texts'],
  [null, 'availSuppression must be an object of texts'],
  [{ mode: 'NONE' }, 'the mode of avail suppression must be one of OFF, BEHIND_LIVE_EDGE, AFTER_LIVE_EDGE'],
  [
    { mode: 'OFF', fillPolicy: 'HALF' },
    'the fill policy of avail suppression must be one of FULL_AVAIL_ONLY, PARTIAL_AVAIL',
  ],
  [{ mode: 'OFF', fillPolicy: 'PARTIAL_AVAIL' }, 'PARTIAL_AVAIL needs the mode AFTER_LIVE_EDGE'],
])('refuses %j', (json, problem) => {
  expect(suppressionOfJson(json)).toEqual({ kind: 'invalid', problem })
})
