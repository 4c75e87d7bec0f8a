import { expect, test } from 'vitest'
import { classifyFailure } from './failure.ts'

function sdkError(httpStatusCode: number | undefined): Error {
  return Object.assign(new Error('from the SDK'), { $metadata: { httpStatusCode } })
}

test.each([
  [401, 'refused'],
  [403, 'refused'],
  [404, 'absent'],
  [400, 'absent'],
  [429, 'throttled'],
  [500, 'unreachable'],
  [undefined, 'unreachable'],
])('an answer with status %s counts as %s', (status, failure) => {
  expect(classifyFailure(sdkError(status))).toBe(failure)
})

test('a lost connection counts as unreachable', () => {
  expect(classifyFailure(new TypeError('Failed to fetch'))).toBe('unreachable')
})

test('a thrown value that is no error counts as unreachable', () => {
  expect(classifyFailure('odd')).toBe('unreachable')
  expect(classifyFailure({ $metadata: null })).toBe('unreachable')
})
