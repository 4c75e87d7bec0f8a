import { expect, test } from 'vitest'
import { acceptTags, addTags, removeTags } from './tags.ts'

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

test('adds tags and gives old ones new values', () => {
  const stored = { keep: '1', change: '2' }
  expect(addTags(stored, { change: '3', new: '' })).toEqual({ keep: '1', change: '3', new: '' })
  expect(stored).toEqual({ keep: '1', change: '2' })
})

test('refuses more than 50 tags in the end, and reserved keys', () => {
  const stored = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']))
  expect(Object.keys(addTags(stored, { k0: 'new' }))).toHaveLength(50)
  expect(() => addTags(stored, { one: '' })).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
  expect(() => addTags({}, { 'aws:a': '' })).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
})

test('takes away the tags with these keys and no others', () => {
  expect(removeTags({ a: '1', b: '2', A: '3' }, ['a', 'c', 'constructor'])).toEqual({ b: '2', A: '3' })
})
