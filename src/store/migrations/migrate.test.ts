import { expect, test } from 'vitest'
import { eachDatabase, openEmptyDatabase, temporaryDatabase } from '../../../test/harness/databases.ts'
import type { Database } from '../database.ts'
import { openPostgres } from '../postgres/open-postgres.ts'
import { migrate, MIGRATIONS } from './migrate.ts'
import type { Migration } from './migration.ts'

const addTable = (name: string, table: string): Migration => ({
  name,
  up: (database) => database.schema.createTable(table).addColumn('x', 'text').execute(),
})

const tableNames = async ({ query }: Database) =>
  (await query.introspection.getTables()).map((table) => table.name).sort()

eachDatabase((kind) => {
  test('makes each change once, in order', async () => {
    await using empty = await openEmptyDatabase(kind)
    const { database } = empty
    const first = addTable('0001-a', 'a')
    await migrate(database, [first], () => 5)
    await migrate(database, [first, addTable('0002-b', 'b')], () => 6)
    expect(await tableNames(database)).toEqual(['a', 'b', 'schema_migration'])
    expect(await database.query.selectFrom('schema_migration').selectAll().execute()).toEqual([
      { name: '0001-a', applied_at_ms: 5 },
      { name: '0002-b', applied_at_ms: 6 },
    ])
  })

  test('leaves nothing of a change that failed, and makes it the next time', async () => {
    await using empty = await openEmptyDatabase(kind)
    const { database } = empty
    const halfway: Migration = {
      name: '0002-b',
      up: async (transaction) => {
        await addTable('', 'b').up(transaction)
        throw new Error('stopped halfway')
      },
    }
    const first = addTable('0001-a', 'a')
    await expect(migrate(database, [first, halfway], () => 1)).rejects.toThrow('stopped halfway')
    expect(await tableNames(database)).toEqual(['a', 'schema_migration'])
    await migrate(database, [first, addTable('0002-b', 'b')], () => 2)
    expect(await tableNames(database)).toEqual(['a', 'b', 'schema_migration'])
  })

  test('makes each change once when several start at the same time', async () => {
    await using empty = await openEmptyDatabase(kind)
    const { database } = empty
    const changes = [addTable('0001-a', 'a'), addTable('0002-b', 'b'), addTable('0003-c', 'c')]
    await Promise.all(Array.from({ length: 4 }, (_, index) => migrate(database, changes, () => index)))
    expect(await tableNames(database)).toEqual(['a', 'b', 'c', 'schema_migration'])
  })
})

test('several nodes may start on one empty PostgreSQL database', async () => {
  await using place = await temporaryDatabase('PostgreSQL')
  const { databaseUrl = '' } = place.options
  const nodes = await Promise.all([1, 2, 3].map(() => openPostgres(databaseUrl)))
  await Promise.all(nodes.map((node) => migrate(node, MIGRATIONS, () => 1)))
  for (const node of nodes) await node[Symbol.asyncDispose]()
})

test('the changes are listed in the order of their names', () => {
  const names = MIGRATIONS.map((migration) => migration.name)
  expect(names).toEqual([...names].sort())
})
