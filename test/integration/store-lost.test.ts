import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { startHeadwater } from '../harness/headwater-process.ts'

test('a server whose database thread ends stops with a log line and exit code 1', async () => {
  await using directory = await temporaryDirectory()
  const ender = new URL('./database-thread-ender.ts', import.meta.url)
  await using server = await startHeadwater(['--data-dir', directory.path], {
    NODE_OPTIONS: `--import=${ender.href}`,
  })
  await writeFile(join(directory.path, 'headwater.db.end'), '')
  const { exitCode, stdout, stderr } = await server.exited
  expect(exitCode).toBe(1)
  expect(stderr).toBe('')
  const lines = stdout.split('\n').filter((line) => line.includes('the server cannot go on and stops'))
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 50,
    err: { code: 'DATABASE_LOST', message: 'the database thread broke down' },
  })
})
