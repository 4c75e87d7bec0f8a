import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../store-fixture.ts'
import { SqliteThread } from './sqlite-thread.ts'

async function openThread(): Promise<AsyncDisposable & { readonly thread: SqliteThread }> {
  const directory = await temporaryDirectory()
  const thread = await SqliteThread.open(join(directory.path, 'test.db'))
  return {
    thread,
    [Symbol.asyncDispose]: async () => {
      await thread[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

test('writes ahead, and waits for the disk at every commit', async () => {
  await using opened = await openThread()
  const { thread } = opened
  expect((await thread.run('pragma journal_mode')).rows).toEqual([{ journal_mode: 'wal' }])
  // 2 is FULL.
  expect((await thread.run('pragma synchronous')).rows).toEqual([{ synchronous: 2 }])
  expect((await thread.run('pragma foreign_keys')).rows).toEqual([{ foreign_keys: 1 }])
})

test('answers rows and counts in the order of the questions', async () => {
  await using opened = await openThread()
  const { thread } = opened
  const answers = await Promise.all([
    thread.run('create table t (x integer, y text, z blob)'),
    thread.run('insert into t values (?, ?, ?), (2, null, null)', [1, 'ä', new Uint8Array([7])]),
    thread.run('select * from t order by x'),
    thread.run('update t set x = 5'),
    thread.run('delete from t where x = 1'),
    thread.run('insert into t (x) values (9) returning x'),
  ])
  expect(answers.map((answer) => answer.changes)).toEqual([0, 2, 0, 2, 0, 0])
  expect(answers[2].rows).toEqual([
    { x: 1, y: 'ä', z: new Uint8Array([7]) },
    { x: 2, y: null, z: null },
  ])
  expect(answers[5].rows).toEqual([{ x: 9 }])
})

test('says what was wrong with a statement and goes on', async () => {
  await using opened = await openThread()
  const { thread } = opened
  await expect(thread.run('selekt')).rejects.toMatchObject({
    code: 'STATEMENT_FAILED',
    message: expect.stringContaining('syntax error') as string,
  })
  expect((await thread.run('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('keeps nothing of a transaction that is no more', async () => {
  await using opened = await openThread()
  const { thread } = opened
  await thread.run('create table t (x integer)')
  const undone = { code: 'STATEMENT_FAILED', message: expect.stringContaining('undone') as string }
  await expect(thread.runInside('insert into t values (1)')).rejects.toMatchObject(undone)
  await expect(thread.runInside('commit')).rejects.toMatchObject(undone)
  expect((await thread.run('select * from t')).rows).toEqual([])
})

test('a commit that fails leaves no transaction open', async () => {
  await using opened = await openThread()
  const { thread } = opened
  await thread.run('create table parent (x integer primary key)')
  await thread.run('create table child (x integer references parent deferrable initially deferred)')
  await thread.run('begin immediate')
  await thread.runInside('insert into child values (1)')
  await expect(thread.runInside('commit')).rejects.toMatchObject({ code: 'STATEMENT_FAILED' })
  expect((await thread.run('select * from child')).rows).toEqual([])
  await thread.run('begin immediate')
  await thread.runInside('commit')
})

test('runs more different statements than it keeps prepared', async () => {
  await using opened = await openThread()
  const texts = Array.from({ length: 450 }, (_, index) => `select ${index} as n`)
  const answers = await Promise.all([...texts, ...texts].map((text) => opened.thread.run(text)))
  expect(answers.map(({ rows }) => rows[0]?.['n'])).toEqual([...texts.keys(), ...texts.keys()])
})

test('finishes what was sent before the end', async () => {
  await using opened = await openThread()
  const answer = opened.thread.run('select 1 as one')
  await opened.thread[Symbol.asyncDispose]()
  expect((await answer).rows).toEqual([{ one: 1 }])
})
