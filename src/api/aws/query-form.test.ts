import fc from 'fast-check'
import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { readQueryForm } from './query-form.ts'

const input = Type.Object({
  Queries: Type.Array(
    Type.Object({
      Id: Type.String(),
      Stat: Type.Object({ Period: Type.Integer(), Names: Type.Array(Type.String()) }),
      ReturnData: Type.Boolean(),
    }),
  ),
  StartTime: Type.Number(),
})
const read = (form: string) => readQueryForm(new URLSearchParams(form), input)

test('makes structures and lists of names with dots, and numbers and truth values where the schema has them', () => {
  const form = [
    'Action=Get&Version=2010-08-01&StartTime=2026-01-01T00:00:00.5Z',
    'Queries.member.1.Id=5&Queries.member.1.Stat.Period=60&Queries.member.1.ReturnData=false',
    'Queries.member.1.Stat.Names.member.2=b&Queries.member.1.Stat.Names.member.1=a',
  ]
  expect(read(form.join('&'))).toEqual({
    Queries: [{ Id: '5', Stat: { Period: 60, Names: ['a', 'b'] }, ReturnData: false }],
    StartTime: Date.UTC(2026, 0, 1) / 1000 + 0.5,
  })
})

test('items come in the order of their numbers, with or without gaps', () => {
  const numbered = [10, 9, 2].map((number) => `Queries.member.${number}.Id=${number}`).join('&')
  expect(read(numbered)).toEqual({ Queries: [{ Id: '2' }, { Id: '9' }, { Id: '10' }] })
})

test('what has no such form stays text', () => {
  expect(read('StartTime=soon')).toEqual({ StartTime: 'soon' })
  expect(read('StartTime=')).toEqual({ StartTime: '' })
  expect(read('Queries.member.1.ReturnData=yes')).toEqual({ Queries: [{ ReturnData: 'yes' }] })
})

test('members that there are none of are left out, whatever they are called', () => {
  expect(read('__proto__.x=1&constructor=1&Queries.member.1.__proto__.x=1')).toEqual({ Queries: [{}] })
})

test('no form whatever makes it fail', () => {
  const step = fc.constantFrom('Queries', 'member', '1', '-1', 'Stat', 'Names', '', '__proto__', 'StartTime')
  const name = fc.array(step, { maxLength: 15 }).map((steps) => steps.join('.'))
  const form = fc.array(fc.tuple(fc.oneof(name, fc.string()), fc.string()))
  fc.assert(
    fc.property(form, (pairs) => {
      expect(typeof readQueryForm(new URLSearchParams(pairs), input)).toBe('object')
    }),
  )
})
