import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../store/store-fixture.ts'
import { loadNodeId } from './node-id.ts'

test('a data directory keeps its name, and no two have the same', async () => {
  await using one = await temporaryDirectory()
  await using other = await temporaryDirectory()
  const nodeId = await loadNodeId(one.path)
  expect(nodeId).toMatch(/^[a-zA-Z0-9]{16}$/)
  expect(await loadNodeId(one.path)).toBe(nodeId)
  expect(await loadNodeId(other.path)).not.toBe(nodeId)
})

test('a file that holds no name is replaced', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'node-id'), 'not a name\u0000')
  expect(await loadNodeId(directory.path)).toMatch(/^[a-zA-Z0-9]{16}$/)
})
