import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import { temporaryDirectory } from '../store/store-fixture.ts'
import { fileSink } from './file-sink.ts'

function events(...names: readonly string[]): readonly OutboxEvent[] {
  return names.map((name, index) => ({
    sequence: index + 1,
    id: name,
    accountId: 'account',
    lane: name,
    writtenAtMs: 0,
    body: JSON.stringify({ name }),
  }))
}

const SIGNAL = new AbortController().signal
const lines = async (path: string) => (await readFile(path, 'utf8')).split('\n')

test.each(['always', 'never'] as const)('appends one line for each event (sync %s)', async (sync) => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'events.jsonl')
  await using sink = fileSink({ type: 'file', path, sync })
  expect(await sink.deliver(events('a', 'b'), SIGNAL)).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }])
  await sink.deliver(events('c'), SIGNAL)
  expect(await lines(path)).toEqual(['{"name":"a"}', '{"name":"b"}', '{"name":"c"}', ''])
})

test('goes on in a new file when the old one was moved away', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'events.jsonl')
  await using sink = fileSink({ type: 'file', path, sync: 'never' })
  await sink.deliver(events('a'), SIGNAL)
  await rename(path, `${path}.1`)
  await sink.deliver(events('b'), SIGNAL)
  expect(await lines(`${path}.1`)).toEqual(['{"name":"a"}', ''])
  expect(await lines(path)).toEqual(['{"name":"b"}', ''])
})

test('ends a line that a crash left unfinished, and keeps what is there', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'events.jsonl')
  await writeFile(path, '{"name":"a"}\n{"nam')
  await using sink = fileSink({ type: 'file', path, sync: 'never' })
  await sink.deliver(events('b'), SIGNAL)
  expect(await lines(path)).toEqual(['{"name":"a"}', '{"nam', '{"name":"b"}', ''])
})

test('fails while the file cannot be written, and goes on when it can', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'later', 'events.jsonl')
  await using sink = fileSink({ type: 'file', path, sync: 'never' })
  await expect(sink.deliver(events('a'), SIGNAL)).rejects.toThrow('ENOENT')
  await mkdir(join(directory.path, 'later'))
  await sink.deliver(events('a'), SIGNAL)
  expect(await lines(path)).toEqual(['{"name":"a"}', ''])
})
