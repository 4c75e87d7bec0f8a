import { expect, test } from 'vitest'
import { refusalWords } from './insert-refusal.ts'

function thrown(name: string, status: number | undefined, message = ''): Error {
  const metadata = status === undefined ? {} : { httpStatusCode: status }
  return Object.assign(new Error(message), { name, $metadata: metadata })
}

test.each([
  [
    thrown('ConflictException', 409, 'from the API'),
    'A break is announced or running already. Wait for its end.',
  ],
  [thrown('ChannelNotBroadcasting', 404), 'The channel is not live.'],
  [thrown('ValidationException', 400, 'durationSeconds must be <= 300'), 'durationSeconds must be <= 300'],
  [thrown('UnknownError', 500, 'UnknownError'), 'The server did not insert the break.'],
  [thrown('TimeoutError', undefined, 'socket'), 'The server does not answer. Try again in a moment.'],
  [undefined, 'The server does not answer. Try again in a moment.'],
])('%s is told as "%s"', (error, words) => {
  expect(refusalWords(error)).toBe(words)
})
