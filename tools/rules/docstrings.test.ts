import { expect, test } from 'vitest'
import { findMissingDocstrings } from './docstrings.ts'
import { readSources, sample } from './project.ts'

test('every file of the server has a header and every exported name a docstring', () => {
  expect(findMissingDocstrings(readSources())).toEqual([])
})

const HEADER = '/**\n * What this file is for.\n */\n'

test.each([
  ['a function', 'export function f(): void {}'],
  ['an async function', 'export async function f(): Promise<void> {}'],
  ['a class', 'export class C {}'],
  ['a type', 'export type T = number'],
  ['an interface', 'export interface I { x: number }'],
  ['a constant', 'export const c = 1'],
  ['a line comment only', '// Says what it is for.\nexport const c = 1'],
  ['an empty docstring', '/** */\nexport const c = 1'],
  ['a docstring that repeats the name', '/** c. */\nexport const c = 1'],
])('finds %s without docstring', (_what, text) => {
  const files = sample({ 'src/base/a.ts': `${HEADER}import 'x'\n${text}\n` })
  expect(findMissingDocstrings(files)).toHaveLength(1)
})

test('the header does not count as the docstring of what follows it', () => {
  const files = sample({ 'src/base/a.ts': `${HEADER}\nexport const c = 1\n` })
  expect(findMissingDocstrings(files)).toEqual(['src/base/a.ts:5: no docstring on c'])
})

test('finds a file without header', () => {
  const files = sample({ 'src/base/a.ts': "import 'x'\n/** Says what it is for. */\nexport const c = 1\n" })
  expect(findMissingDocstrings(files)).toEqual(['src/base/a.ts: no module header'])
})

test('is content with header and docstring, and asks neither of a test', () => {
  const files = sample({
    'src/base/a.ts': `${HEADER}\n/** Says what it is for. */\nexport const c = 1\n\nconst hidden = 2\n`,
    'src/base/a.test.ts': 'export const c = 1\n',
  })
  expect(findMissingDocstrings(files)).toEqual([])
})
