/**
 * Empty databases for tests, of each kind that the server can use.
 */
import { describe, inject } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import type { Store, StoreOptions } from '../../src/store/index.ts'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/open-database.ts'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
// Declares what the provider gives to tests.
import type {} from './postgres-provider.ts'

/** What a store can be kept in. */
export type DatabaseKind = 'SQLite' | 'PostgreSQL'

/** An empty place for a store, which goes away with its holder. */
export type TemporaryDatabase = AsyncDisposable & { readonly options: StoreOptions }

const KINDS: readonly DatabaseKind[] = ['SQLite', 'PostgreSQL']

/** What tests use that run the same on any database: the project of the run says it in `TEST_DATABASE`. */
export function databaseOfRun(): DatabaseKind {
  return KINDS.find((kind) => kind === process.env['TEST_DATABASE']) ?? 'SQLite'
}

/** Registers the same tests once for each database. */
export function eachDatabase(register: (kind: DatabaseKind) => void): void {
  for (const kind of KINDS) describe(`on ${kind}`, () => register(kind))
}

/** The same with all databases at once, for tests that mostly wait; they take `expect` from their context. */
export function allDatabasesAtOnce(register: (kind: DatabaseKind) => void): void {
  for (const kind of KINDS) describe.concurrent(`on ${kind}`, () => register(kind))
}

/** Makes an empty database; `openStore` opens it with `options`, also more than once. */
export async function temporaryDatabase(kind: DatabaseKind = databaseOfRun()): Promise<TemporaryDatabase> {
  const directory = await temporaryDirectory()
  if (kind === 'SQLite') return { ...directory, options: { dataDir: directory.path } }
  const databaseUrl = await askProvider('POST')
  return {
    options: { dataDir: directory.path, databaseUrl },
    [Symbol.asyncDispose]: async () => {
      await askProvider('DELETE', databaseUrl)
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** An open database without tables, which goes away with its holder. */
export async function openEmptyDatabase(
  kind: DatabaseKind,
): Promise<AsyncDisposable & { readonly database: Database }> {
  const place = await temporaryDatabase(kind)
  const database = await openDatabase(place.options)
  return {
    database,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}

/** An open store on an empty database, which goes away with its holder. */
export async function temporaryStore(kind?: DatabaseKind): Promise<Store> {
  const database = await temporaryDatabase(kind)
  const store = await openStore(database.options)
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function askProvider(method: 'POST' | 'DELETE', body?: string): Promise<string> {
  const response = await fetch(inject('postgresProvider'), { method, ...(body !== undefined && { body }) })
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return answer
}
