import { expect, test } from 'vitest'
import { findFloorViolations } from './floors.ts'
import { readSources, sample } from './project.ts'

test('every import of the server points down the floors', () => {
  expect(findFloorViolations(readSources())).toEqual([])
})

test.each([
  ['a higher floor', 'src/domain/a.ts', "import { x } from '../store/b.ts'"],
  ['a room on the same floor', 'src/packager/a.ts', "import { x } from '../delivery/b.ts'"],
  ['the other room of the durable floor', 'src/session/a.ts', "import { x } from '../store/b.ts'"],
  ['ingest from the API', 'src/api/ivs/a.ts', "import { x } from '../../ingest/b.ts'"],
  ['a type of a higher floor', 'src/base/a.ts', "import type { X } from '../media/b.ts'"],
  ['a re-export of a higher floor', 'src/base/a.ts', "export { x } from '../media/b.ts'"],
  ['an import type of a higher floor', 'src/base/a.ts', "type X = import('../media/b.ts').X"],
  ['a dynamic import of a higher floor', 'src/base/a.ts', "await import('../media/b.ts')"],
  ['code outside the server', 'src/app/a.ts', "import { x } from '../../tools/b.ts'"],
  ['a room that is on no floor', 'src/attic/a.ts', ''],
])('finds %s', (_what, path, text) => {
  expect(findFloorViolations(sample({ [path]: text }))).toHaveLength(1)
})

test.each([
  ['a lower floor', 'src/app/a.ts', "import { x } from '../base/b.ts'"],
  ['the same room', 'src/media/rtmp/a.ts', "import { x } from '../amf0/b.ts'"],
  ['a package', 'src/base/a.ts', "import pino from 'pino'"],
  ['the test harness from a test', 'src/base/a.test.ts', "import { x } from '../../test/harness/b.ts'"],
])('allows %s', (_what, path, text) => {
  expect(findFloorViolations(sample({ [path]: text }))).toEqual([])
})
