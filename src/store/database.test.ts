import { sql } from 'kysely'
import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { eachDatabase, openEmptyDatabase, temporaryDatabase } from '../../test/harness/databases.ts'
import type { Database } from './database.ts'
import { migrate, MIGRATIONS } from './migrations/migrate.ts'
import { openDatabase } from './open-database.ts'

const readValue = async ({ query }: Pick<Database, 'query'>, name: string) => {
  const row = await query.selectFrom('secret').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

/** Counts one more in a row, by reading and writing it: a lost update shows in the sum. */
const countUp = ({ transaction }: Database, name: string): Promise<void> =>
  transaction('counter', async (open) => {
    const old = await readValue({ query: open }, name)
    const value = String(Number(old ?? 0) + 1)
    await open
      .insertInto('secret')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  })

eachDatabase((kind) => {
  let opened: Awaited<ReturnType<typeof openEmptyDatabase>>
  let database: Database
  beforeAll(async () => {
    opened = await openEmptyDatabase(kind)
    database = opened.database
    await migrate(database, MIGRATIONS, () => 1)
  })
  afterAll(() => opened[Symbol.asyncDispose]())

  const insert = (name: string, value = '') => database.query.insertInto('secret').values({ name, value })

  describe('transactions', () => {
    test('with one turn see each other whole: no update is lost', async () => {
      await Promise.all(Array.from({ length: 40 }, () => countUp(database, 'many')))
      expect(await readValue(database, 'many')).toBe('40')
    })

    test('are undone when the work throws, and the error is the one thrown', async () => {
      const refusal = new Error('no')
      const work = database.transaction('t', async (open) => {
        await open.insertInto('secret').values({ name: 'undone', value: '' }).execute()
        throw refusal
      })
      await expect(work).rejects.toBe(refusal)
      expect(await readValue(database, 'undone')).toBeUndefined()
    })

    test('take statements that are sent together in their order', async () => {
      await database.transaction('t', async (open) => {
        const put = (value: string) =>
          open
            .insertInto('secret')
            .values({ name: 'together', value })
            .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
            .execute()
        await Promise.all(['1', '2', '3'].map(put))
      })
      expect(await readValue(database, 'together')).toBe('3')
    })

    test('end with what was wrong when one of several statements fails', async () => {
      const work = database.transaction('t', async (open) => {
        const twice = open.insertInto('secret').values({ name: 'twice', value: '' })
        await Promise.all([twice.execute(), twice.execute(), twice.execute()])
      })
      await expect(work).rejects.toThrow(/unique/i)
      expect(await readValue(database, 'twice')).toBeUndefined()
    })
  })

  describe('a batch', () => {
    test('does all its steps', async () => {
      expect(await database.batch('t', [{ query: insert('b1') }, { query: insert('b2') }])).toBe('done')
      expect([await readValue(database, 'b1'), await readValue(database, 'b2')]).toEqual(['', ''])
    })

    test.each([
      {
        found: 'no row',
        step: () => database.query.selectFrom('secret').selectAll().where('name', '=', 'x'),
      },
      { found: 'no row to change', step: () => database.query.deleteFrom('secret').where('name', '=', 'x') },
    ])('keeps nothing when a step finds $found, and says which', async ({ step }) => {
      const outcome = await database.batch('t', [
        { query: insert('b3'), orElse: () => 'first' },
        { query: step(), orElse: () => 'second' },
        { query: insert('b4'), orElse: () => 'third' },
      ])
      expect(outcome).toBe('second')
      expect(await readValue(database, 'b3')).toBeUndefined()
      expect(await readValue(database, 'b4')).toBeUndefined()
    })

    test('goes on where a step without a refusal finds no row', async () => {
      const nothing = database.query.deleteFrom('secret').where('name', '=', 'x')
      expect(await database.batch('t', [{ query: nothing }, { query: insert('b5') }])).toBe('done')
      expect(await readValue(database, 'b5')).toBe('')
    })

    test('throws what its refusal throws', async () => {
      const refusal = new Error('no')
      const orElse = () => {
        throw refusal
      }
      const nothing = database.query.deleteFrom('secret').where('name', '=', 'x')
      await expect(database.batch('t', [{ query: nothing, orElse }])).rejects.toBe(refusal)
    })

    test('that fails takes neither those beside it nor transactions away', async () => {
      await database.batch('t', [{ query: insert('taken') }])
      const steps = (index: number) => [
        { query: insert(`beside ${index}`) },
        ...(index % 2 ? [{ query: insert('taken') }] : []),
      ]
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 6 }, (_, index) => database.batch('t', steps(index))),
        countUp(database, 'beside'),
      ])
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
        ...[true, false, true, false, true, false],
        true,
      ])
      expect(await readValue(database, 'beside')).toBe('1')
      const names = await database.query
        .selectFrom('secret')
        .select('name')
        .where('name', 'like', 'beside _')
        .execute()
      expect(names.map(({ name }) => name).sort()).toEqual(['beside 0', 'beside 2', 'beside 4'])
    })
  })

  test('numbers come back as numbers, also large ones and counts', async () => {
    const { rows } = await sql`select 9007199254740991 as big, count(*) as count, sum(1) as sum
      from (select 1 as one) as ones`.execute(database.query)
    expect(rows).toEqual([{ big: Number.MAX_SAFE_INTEGER, count: 1, sum: 1 }])
  })

  test('text of any kind comes back or is replaced, and never fails', async () => {
    for (const [name, text] of Object.entries({
      emoji: 'ä漢🎬"\\\'',
      empty: '',
      long: 'x'.repeat(100_000),
    })) {
      await insert(name, text).execute()
      expect(await readValue(database, name)).toBe(text)
    }
    await insert('odd', '\0\uD800').execute()
    expect(await readValue(database, 'odd')).toMatch(/^[\0\uFFFD]\uFFFD$/)
    expect(await readValue(database, 'no\0body')).toBeUndefined()
  })
})

test('nodes that share a PostgreSQL database take turns', async () => {
  await using place = await temporaryDatabase('PostgreSQL')
  const nodes = await Promise.all([1, 2, 3].map(() => openDatabase(place.options)))
  for (const node of nodes) await migrate(node, MIGRATIONS, () => 1)
  await Promise.all(nodes.flatMap((node) => Array.from({ length: 15 }, () => countUp(node, 'shared'))))
  for (const node of nodes) {
    expect(await readValue(node, 'shared')).toBe('45')
    await node[Symbol.asyncDispose]()
  }
})
