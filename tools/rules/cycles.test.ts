import { expect, test } from 'vitest'
import { findCycles } from './cycles.ts'
import { readProject, sample } from './project.ts'

test('no file of the project imports itself round a circle', () => {
  expect(findCycles(readProject('.', /\.tsx?$/))).toEqual([])
})

test('finds a circle of three, closed by a type', () => {
  const files = sample({
    'src/base/a.ts': "import { b } from './b.ts'",
    'src/base/b.ts': "export { c } from './deep/c.ts'",
    'src/base/deep/c.ts': "import type { A } from '../a.ts'",
    'src/base/d.ts': "import { a } from './a.ts'",
  })
  expect(findCycles(files)).toEqual(['src/base/a.ts → src/base/b.ts → src/base/deep/c.ts → src/base/a.ts'])
})

test('a diamond is no circle', () => {
  const files = sample({
    'src/base/a.ts': "import './b.ts'; import './c.ts'",
    'src/base/b.ts': "import './d.ts'",
    'src/base/c.ts': "import './d.ts'",
    'src/base/d.ts': '',
  })
  expect(findCycles(files)).toEqual([])
})
