import { expect, test } from 'vitest'
import { acceptTags } from './tags.ts'

test('absent tags are no tags', () => {
  expect(acceptTags(undefined)).toEqual({})
})

test.each(['aws:', 'aws:name', 'AWS:name', 'Aws:x'])('refuses the reserved key %s', (key) => {
  expect(() => acceptTags({ fine: '', [key]: '' })).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
})

test('takes keys that only look reserved', () => {
  const tags = { aws: 'x', 'my-aws:name': 'aws:value' }
  expect(acceptTags(tags)).toEqual(tags)
})
