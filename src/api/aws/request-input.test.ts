import { expect, test } from 'vitest'
import type { OperationBinding } from '../operation.ts'
import { gatherInput, routeOf } from './request-input.ts'

const inBody: OperationBinding = { method: 'POST', path: '/Do', queryLists: [] }
const inPath: OperationBinding = { method: 'DELETE', path: '/things/{thing}', queryLists: ['keys'] }
const request = (params: object, query: object) => ({ params, query })

test('a label takes the rest of the path', () => {
  expect([routeOf(inBody), routeOf(inPath)]).toEqual(['/Do', '/things/*'])
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
