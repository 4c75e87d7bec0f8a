import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SseReader, type SseMessage } from './sse-reader.ts'

function read(...pieces: readonly string[]): SseMessage[] {
  const messages: SseMessage[] = []
  const reader = new SseReader((message) => messages.push(message))
  for (const piece of pieces) reader.push(piece)
  return messages
}

test.each([
  ['one event', 'id: 7\ndata: {"a":1}\n\n', [{ id: '7', data: '{"a":1}' }]],
  ['comments and a retry are no events', ':\n\nretry: 10\n\ndata: a\n\n', [{ id: '', data: 'a' }]],
  [
    'an id holds until the next',
    'id: 1\ndata: a\n\ndata: b\n\n',
    [1, 1].map((id, at) => ({ id: `${id}`, data: 'ab'[at] })),
  ],
  [
    'data of several lines',
    'data: a\r\ndata:b\r\rdata\n\n',
    [
      { id: '', data: 'a\nb' },
      { id: '', data: '' },
    ],
  ],
  ['what is not ended is not read', 'data: a\n', []],
])('%s (HTML §9.2.6)', (_what, text, expected) => {
  expect(read(text)).toEqual(expected)
})

test('reads the same however the text is cut', () => {
  const text = 'id: 1\r\ndata: ä\r\n\r\n:\n\nid: 2\ndata: b\rdata: c\n\n'
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length]
      const pieces = places.slice(1).map((place, index) => text.slice(places[index], place))
      expect(read(...pieces)).toEqual([
        { id: '1', data: 'ä' },
        { id: '2', data: 'b\nc' },
      ])
    }),
  )
})

test('any text is read or refused, and never kept without bound', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => void read(...pieces)))
  expect(() => read('x'.repeat(2_000_000))).toThrow(RangeError)
})
