import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskRecordingBuckets } from './disk-recording-buckets.ts'
import { temporaryDirectory } from './store-fixture.ts'

test('makes a bucket on first use, for the owner alone, and leaves nothing in it', async () => {
  await using directory = await temporaryDirectory()
  const root = join(directory.path, 'buckets')
  const buckets = diskRecordingBuckets(root)
  for (const attempt of [1, 2]) {
    expect(await buckets.check('my-bucket.1'), `attempt ${attempt}`).toEqual({ kind: 'writable' })
  }
  expect(await readdir(root)).toEqual(['my-bucket.1'])
  expect(await readdir(join(root, 'my-bucket.1'))).toEqual([])
  expect((await stat(join(root, 'my-bucket.1'))).mode & 0o077).toBe(0)
})

test('many checks of one bucket at once do not disturb each other', async () => {
  await using directory = await temporaryDirectory()
  const buckets = diskRecordingBuckets(directory.path)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => buckets.check('bucket')))
  expect(outcomes.every(({ kind }) => kind === 'writable')).toBe(true)
  expect(await readdir(join(directory.path, 'bucket'))).toEqual([])
})

test('says why a bucket cannot be written', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'file'), '')
  await mkdir(join(directory.path, 'dir'))
  const outcome = await diskRecordingBuckets(directory.path).check('file')
  expect(outcome).toEqual({ kind: 'unwritable', reason: expect.stringMatching(/EEXIST|ENOTDIR/) as string })
})

test.each(['..', '...', 'a..b', '.a', 'a.', '-ab', 'a/b', '../b', 'A', ''])(
  'takes no bucket called "%s"',
  async (name) => {
    await using directory = await temporaryDirectory()
    expect((await diskRecordingBuckets(directory.path).check(name)).kind).toBe('unwritable')
    expect(await readdir(directory.path)).toEqual([])
  },
)
