import { expect, test } from 'vitest'
import type { OperationBinding } from '../operation.ts'
import { gatherInput, routeOf } from './request-input.ts'

const nowhere = { queryLists: [], queryTexts: [], queryNumbers: [] }
const inBody: OperationBinding = { ...nowhere, method: 'POST', path: '/Do' }
const inPath: OperationBinding = {
  ...nowhere,
  method: 'DELETE',
  path: '/things/{thing}',
  queryLists: ['keys'],
}
const listing: OperationBinding = {
  ...nowhere,
  method: 'GET',
  path: '/boxes/{box}/things/{thing}',
  queryTexts: ['after'],
  queryNumbers: ['limit'],
}
const request = (params: object, query: object) => ({ params, query })

test('a label takes the rest of the path', () => {
  expect([routeOf(inBody), routeOf(inPath)]).toEqual(['/Do', '/things/*'])
})

test('a label in the middle takes one step', () => {
  expect(routeOf(listing)).toBe('/boxes/:box/things/*')
  expect(gatherInput(listing, request({ box: 'a', '*': 'b/c' }, {}), { box: 'body' })).toEqual({
    box: 'a',
    thing: 'b/c',
  })
})

test.each([
  [
    { after: '5', limit: '5' },
    { after: '5', limit: 5 },
  ],
  [
    { after: '', limit: '-1' },
    { after: '', limit: -1 },
  ],
  [{ limit: '1.5' }, { limit: '1.5' }],
  [{ limit: 'many' }, { limit: 'many' }],
  [{ limit: ['1', '2'] }, { limit: ['1', '2'] }],
])('of the query %j the members are %j', (query, members) => {
  const place = { box: 'a', thing: 'b' }
  const input = gatherInput(listing, request({ box: 'a', '*': 'b' }, query), { after: 'body', limit: 9 })
  expect(input).toEqual({ ...place, ...members })
})

test('without a label and query lists the input is the body', () => {
  expect(gatherInput(inBody, request({}, { keys: 'x' }), { a: 1 })).toEqual({ a: 1 })
})

test('what has its place in path or query counts only there', () => {
  const body = { thing: 'body', keys: ['body'], rest: 1 }
  expect(gatherInput(inPath, request({ '*': 'a/b' }, { keys: ['1', '2'] }), body)).toEqual({
    thing: 'a/b',
    keys: ['1', '2'],
    rest: 1,
  })
  expect(gatherInput(inPath, request({ '*': 'a/b' }, {}), body)).toEqual({ thing: 'a/b', rest: 1 })
})

test('a key that stands once in the query is a list of one, and one that does not is no member', () => {
  expect(gatherInput(inPath, request({ '*': 'a' }, { keys: '1', other: '2' }), {})).toEqual({
    thing: 'a',
    keys: ['1'],
  })
  expect(gatherInput(inPath, request({ '*': 'a' }, {}), {})).toEqual({ thing: 'a' })
})
