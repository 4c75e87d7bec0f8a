import { expect, test } from 'vitest'
import { findDeadLinks, findMachinePaths, findOpenWork, findUnknownDocuments } from './documents.ts'
import { readProject, sample } from './project.ts'

const TEXT = /(\.(ts|tsx|js|md|yaml|html|css|sh)|package\.json|\.ci\/run)$/
// The rule and its samples name what they forbid.
const files = readProject('.', TEXT).filter(({ path }) => !path.startsWith('tools/rules/documents'))
const documents = files.filter(({ path }) => path.endsWith('.md'))
const paths = new Set(readProject('.', /./).map(({ path }) => path))

test('nothing names a path of somebody’s machine', () => {
  expect(findMachinePaths(files)).toEqual([])
})

test('open work names its issue', () => {
  expect(findOpenWork(files)).toEqual([])
})

test('every link between documents leads to a file', () => {
  expect(documents.length).toBeGreaterThan(5)
  expect(findDeadLinks(documents, paths)).toEqual([])
})

test('every document that is named exists', () => {
  expect(findUnknownDocuments(files, paths)).toEqual([])
})

test.each(['see /mnt/disk/x', 'cd /root', "'/home/ann/video'", '/tmp/a/notes'])(
  'finds the path in: %s',
  (text) => {
    expect(findMachinePaths(sample({ 'a.md': `first\n${text}\n` }))).toHaveLength(1)
  },
)

test.each(['http://host/work/', 'docs/home/x.md', '/dev/null', '/etc/headwater', './work/x'])(
  'sees no machine path in: %s',
  (text) => {
    expect(findMachinePaths(sample({ 'a.md': text }))).toEqual([])
  },
)

test('finds open work without an issue', () => {
  const text = '// TODO: later\n// FIXME\n// TODO(#12): with an issue\n'
  expect(findOpenWork(sample({ 'src/a.ts': text }))).toHaveLength(2)
})

test('finds dead links and unknown documents', () => {
  const known = new Set(['docs/a.md', 'docs/guide/b.md', 'LICENSE'])
  const text =
    '[a](../a.md#top) [dir](../guide) [l](../../LICENSE) [gone](gone.md) [web](https://example.com/x.md)'
  expect(findDeadLinks(sample({ 'docs/guide/b.md': text }), known)).toEqual([
    'docs/guide/b.md: there is no docs/guide/gone.md',
  ])
  expect(findUnknownDocuments(sample({ 'src/a.ts': '// see guide/b.md and plan.md' }), known)).toEqual([
    'src/a.ts: names plan.md, which is not in the project',
  ])
})
