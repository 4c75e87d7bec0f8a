import { expect, test } from 'vitest'
import { splitQuery } from './stream-name.ts'

test.each([
  ['sk_1', 'sk_1', {}],
  ['sk_1?priority=1&keyframeInterval=2', 'sk_1', { priority: '1', keyframeInterval: '2' }],
  ['sk_1?', 'sk_1', {}],
  ['sk_1?a=1?b=2&a=%32', 'sk_1', { a: '2' }],
  ['?a', '', { a: '' }],
])('%s is the name %s and its arguments', (text, name, args) => {
  expect(splitQuery(text)).toEqual({ name, args: new Map(Object.entries(args)) })
})

test('keeps a bounded number of arguments', () => {
  const query = Array.from({ length: 100 }, (_, index) => `a${index}=1`).join('&')
  expect(splitQuery(`key?${query}`).args.size).toBe(32)
})
