import { join } from 'node:path'
import { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import type { Tables } from '../schema.ts'
import { SqliteDialect } from '../sqlite/sqlite-dialect.ts'
import { SqliteThread } from '../sqlite/sqlite-thread.ts'
import { temporaryDirectory } from '../store-fixture.ts'
import { migrate, MIGRATIONS } from './migrate.ts'
import type { Migration } from './migration.ts'

const addTable = (name: string, table: string): Migration => ({
  name,
  up: (database) => database.schema.createTable(table).addColumn('x', 'text').execute(),
})

async function emptyDatabase(): Promise<AsyncDisposable & { readonly database: Kysely<Tables> }> {
  const directory = await temporaryDirectory()
  const thread = await SqliteThread.open(join(directory.path, 'test.db'))
  const database = new Kysely<Tables>({ dialect: new SqliteDialect(thread, 100) })
  return {
    database,
    [Symbol.asyncDispose]: async () => {
      await thread[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

const tableNames = async (database: Kysely<Tables>) =>
  (await database.introspection.getTables()).map((table) => table.name).sort()

test('makes each change once, in order', async () => {
  await using empty = await emptyDatabase()
  const { database } = empty
  const first = addTable('0001-a', 'a')
  await migrate(database, [first], () => 5)
  await migrate(database, [first, addTable('0002-b', 'b')], () => 6)
  expect(await tableNames(database)).toEqual(['a', 'b', 'schema_migration'])
  expect(await database.selectFrom('schema_migration').selectAll().execute()).toEqual([
    { name: '0001-a', applied_at_ms: 5 },
    { name: '0002-b', applied_at_ms: 6 },
  ])
})

test('leaves nothing of a change that failed, and makes it the next time', async () => {
  await using empty = await emptyDatabase()
  const { database } = empty
  const halfway: Migration = {
    name: '0001-a',
    up: async (transaction) => {
      await addTable('', 'a').up(transaction)
      throw new Error('stopped halfway')
    },
  }
  await expect(migrate(database, [halfway], () => 1)).rejects.toThrow('stopped halfway')
  expect(await tableNames(database)).toEqual(['schema_migration'])
  await migrate(database, [addTable('0001-a', 'a')], () => 2)
  expect(await tableNames(database)).toEqual(['a', 'schema_migration'])
})

test('the changes are listed in the order of their names', () => {
  const names = MIGRATIONS.map((migration) => migration.name)
  expect(names).toEqual([...names].sort())
})
