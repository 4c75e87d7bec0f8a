import { expect, test } from 'vitest'
import { statusEvent } from './status-event.ts'

test.each([
  [403, { kind: 'refused', withToken: false }],
  [404, { kind: 'gone' }],
  [429, { kind: 'failed', reason: 'busy' }],
  [500, { kind: 'failed', reason: 'interrupted' }],
  [0, { kind: 'failed', reason: 'interrupted' }],
  [undefined, { kind: 'failed', reason: 'interrupted' }],
])('status %s means %j', (status, event) => {
  expect(statusEvent(status, false)).toEqual(event)
})

test('a refusal remembers that a token was sent', () => {
  expect(statusEvent(403, true)).toEqual({ kind: 'refused', withToken: true })
})
