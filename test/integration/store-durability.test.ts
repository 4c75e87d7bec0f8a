import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/open-database.ts'
import { openStore } from '../../src/store/index.ts'
import type { Store, StoreOptions } from '../../src/store/index.ts'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { temporaryDatabase } from '../harness/databases.ts'
import { startPostgres } from '../harness/postgres-server.ts'
import { live, StoreLedger } from './store-ledger.ts'

const WRITER = fileURLToPath(new URL('./store-writer.ts', import.meta.url))
/** Longest life of a writer after its first answer; some are killed while they start. */
const MAX_LIFE_MS = 150
const MAX_START_MS = 500

function startWriter(options: StoreOptions) {
  return spawn(process.execPath, [WRITER, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Starts a writer, kills it at a random moment, and returns what it told. */
async function writeUntilKilled(
  options: StoreOptions,
  { whileStarting }: { whileStarting: boolean },
): Promise<string> {
  const child = startWriter(options)
  const told = text(child.stdout)
  if (!whileStarting) await once(child.stdout, 'readable')
  await delay(Math.random() * (whileStarting ? MAX_START_MS : MAX_LIFE_MS))
  child.kill('SIGKILL')
  return told
}

/** PostgreSQL ends what a killed client had begun, a moment later than its death. */
async function untilAlone(options: StoreOptions): Promise<void> {
  await using database = await openDatabase(options)
  const others = sql`select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  while ((await others.execute(database.query)).rows.length > 0) await delay(5)
}

async function killManyTimes(options: StoreOptions, rounds: number): Promise<void> {
  const ledger = new StoreLedger()
  for (let round = 0; round < rounds; round++) {
    ledger.tellLines(await writeUntilKilled(options, { whileStarting: round % 4 === 0 }))
    if (options.databaseUrl !== undefined) await untilAlone(options)
    await using store = await openStore(options)
    await ledger.expectKept(store)
  }
  expect(ledger.lives).toBeGreaterThan(rounds)
}

describe('after kill -9 at any moment every answered write is there, nothing is half written, and the next start needs no hand', () => {
  // Two at a time: most of a round is the start of a process.
  test('on SQLite', async () => {
    await using one = await temporaryDatabase('SQLite')
    await using other = await temporaryDatabase('SQLite')
    await Promise.all([killManyTimes(one.options, 16), killManyTimes(other.options, 16)])
  })

  test('on PostgreSQL', async () => {
    await using place = await temporaryDatabase('PostgreSQL')
    await killManyTimes(place.options, 6)
  })
})

test('a store goes on by itself after PostgreSQL crashed under it, with every answered write', async () => {
  await using postgres = await startPostgres({ durable: true })
  await using directory = await temporaryDirectory()
  const databaseUrl = await postgres.createDatabase()
  await using store = await openStore({ dataDir: directory.path, databaseUrl })
  const ledger = new StoreLedger()
  for (let round = 0; round < 3; round++) {
    const writers = Array.from({ length: 8 }, () => liveUntilFailure(store, ledger))
    await delay(Math.random() * MAX_LIFE_MS)
    await postgres.crash()
    await Promise.all(writers)
    await postgres.restart()
    await untilReached(store)
    await ledger.expectKept(store)
  }
  expect(ledger.lives).toBeGreaterThan(3)
})

/** Writes until PostgreSQL does not answer any more. */
async function liveUntilFailure(store: Store, ledger: StoreLedger): Promise<void> {
  const tell = ledger.tell.bind(ledger)
  const failure: unknown = await (async () => {
    for (;;) await live(store, { stays: Math.random() < 0.1, tell })
  })().catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
}

/** Connections that died may be met once each. */
async function untilReached(store: Store): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) await store.channels.get('', '').catch(() => undefined)
}

test('a second process is kept off the data directory until the first one dies', async () => {
  await using place = await temporaryDatabase('SQLite')
  const child = startWriter(place.options)
  await once(child.stdout, 'readable')
  child.stdout.resume()
  await expect(openStore(place.options)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using store = await openStore(place.options)
  expect(await store.secrets.getOrCreate('any')).toHaveLength(32)
})
