import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eachDatabase, temporaryDatabase } from '../../test/harness/databases.ts'
import { openDatabase } from './open-database.ts'
import { openStore } from './open-store.ts'
import { ACCOUNT_ID, addChannel, temporaryDirectory } from './store-fixture.ts'

eachDatabase((kind) => {
  test('keeps everything from one opening to the next', async () => {
    await using place = await temporaryDatabase(kind)
    const options = { ...place.options, dataDir: join(place.options.dataDir, 'made', 'on', 'demand') }
    const before = await openStore(options)
    const { channel } = await addChannel(before)
    const secret = await before.secrets.getOrCreate('some')
    await before[Symbol.asyncDispose]()

    await using after = await openStore(options)
    expect(await after.channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
    expect(await after.secrets.getOrCreate('some')).toEqual(secret)
    expect(secret).toHaveLength(32)
    expect(await after.secrets.getOrCreate('another')).not.toEqual(secret)
  })

  test('refuses a data directory that is open already, and a path that is a file', async () => {
    await using place = await temporaryDatabase(kind)
    await using store = await openStore(place.options)
    await expect(openStore(place.options)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
    await addChannel(store)
    const file = join(place.options.dataDir, 'file')
    await writeFile(file, '')
    const options = { ...place.options, dataDir: file }
    await expect(openStore(options)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
  })

  test('refuses a database that a newer release has changed, and leaves it free', async () => {
    await using place = await temporaryDatabase(kind)
    await (await openStore(place.options))[Symbol.asyncDispose]()
    const database = await openDatabase(place.options)
    const future = { name: '9999-future', applied_at_ms: 1 }
    await database.query.insertInto('schema_migration').values(future).execute()
    await database[Symbol.asyncDispose]()
    for (const attempt of [1, 2]) {
      await expect(openStore(place.options), `attempt ${attempt}`).rejects.toMatchObject({
        code: 'SCHEMA_TOO_NEW',
        message: expect.stringContaining('9999-future') as string,
      })
    }
  })

  test('refuses what is asked after the end, and ends only once', async () => {
    await using place = await temporaryDatabase(kind)
    const store = await openStore(place.options)
    await store[Symbol.asyncDispose]()
    await expect(store.channels.get(ACCOUNT_ID, 'any')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(addChannel(store)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(store.channels.delete(ACCOUNT_ID, 'any')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await store[Symbol.asyncDispose]()
  })

  test('an end in the middle of many writes keeps each of them whole or not at all', async () => {
    await using place = await temporaryDatabase(kind)
    const store = await openStore(place.options)
    const writes = Array.from({ length: 40 }, () => addChannel(store))
    const outcomes = Promise.allSettled(writes)
    await writes[0]
    await store[Symbol.asyncDispose]()
    const written = (await outcomes).flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    )

    await using after = await openStore(place.options)
    const { items } = await after.channels.list(ACCOUNT_ID, {}, { after: undefined, limit: 100 })
    const arns = items.map((channel) => channel.arn)
    expect(arns).toEqual(expect.arrayContaining(written.map(({ channel }) => channel.arn)))
    for (const arn of arns) {
      const keys = await after.streamKeys.listByChannel(ACCOUNT_ID, arn, { after: undefined, limit: 10 })
      expect(keys.items).toHaveLength(1)
    }
  })
})

describe('on SQLite', () => {
  test('lets nobody but the owner read the database', async () => {
    await using directory = await temporaryDirectory()
    const dataDir = join(directory.path, 'data')
    await using store = await openStore({ dataDir })
    await addChannel(store)
    for (const name of ['.', 'headwater.db', 'headwater.db-wal']) {
      expect((await stat(join(dataDir, name))).mode & 0o077).toBe(0)
    }
  })

  test('refuses a database that is none', async () => {
    await using directory = await temporaryDirectory()
    const text = 'not a database, but long enough to be read as one'.repeat(40)
    await writeFile(join(directory.path, 'headwater.db'), text)
    await expect(openStore({ dataDir: directory.path })).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' })
  })

  test('refuses requests beyond its bound and serves all others', async () => {
    await using directory = await temporaryDirectory()
    await using store = await openStore({ dataDir: directory.path })
    const { channel } = await addChannel(store)
    const flood = Array.from({ length: 6000 }, () => store.channels.get(ACCOUNT_ID, channel.arn))
    const outcomes = await Promise.allSettled(flood)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome] : []))
    expect(refused).toHaveLength(6000 - 4096)
    expect(refused[0]?.reason).toMatchObject({ code: 'STORE_BUSY' })
    expect(await store.channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
  })
})

test('servers with data directories of their own may share a PostgreSQL database', async () => {
  await using place = await temporaryDatabase('PostgreSQL')
  await using otherDirectory = await temporaryDirectory()
  await using one = await openStore(place.options)
  await using other = await openStore({ ...place.options, dataDir: otherDirectory.path })
  const { channel } = await addChannel(one)
  expect(await other.channels.get(ACCOUNT_ID, channel.arn)).toEqual(channel)
  const [here, there] = await Promise.all([one, other].map((store) => store.secrets.getOrCreate('shared')))
  expect(here).toEqual(there)
})
