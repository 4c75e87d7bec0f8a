import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { sql } from 'kysely'
import { DatabaseError } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDatabase, type TemporaryDatabase } from '../../../test/harness/databases.ts'
import type { Database } from '../database.ts'
import { StoreError } from '../store-error.ts'
import { openPostgres } from './open-postgres.ts'
import { toStoreError } from './postgres-error.ts'

const PASSWORD = 'not-the-password'

let place: TemporaryDatabase
let databaseUrl: string
beforeAll(async () => {
  place = await temporaryDatabase('PostgreSQL')
  databaseUrl = place.options.databaseUrl ?? ''
})
afterAll(() => place[Symbol.asyncDispose]())

/** The URL of the tests' server with other values in its query or another database. */
function changedUrl(query: Record<string, string>, database?: string): string {
  const url = new URL(databaseUrl)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return database === undefined ? url.href : url.href.replace(/\/test_[0-9a-f]+/, `/${database}`)
}

async function openingError(url: string): Promise<StoreError> {
  const outcome = await openPostgres(url).catch((error: unknown) => error)
  if (outcome instanceof StoreError) return outcome
  throw new Error('it was opened')
}

/** A port that takes connections, reads what comes and says nothing. */
async function silentPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.resume())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      await once(server.close(), 'close')
    },
  }
}

describe('opening says in one line what is wrong, and shows no password', () => {
  test('nobody listens', async () => {
    const free = await silentPort()
    await free[Symbol.asyncDispose]()
    const { code, message } = await openingError(`postgresql://me:${PASSWORD}@127.0.0.1:${free.port}/x`)
    expect({ code, message }).toEqual({
      code: 'DATABASE_UNREACHABLE',
      message: `PostgreSQL at 127.0.0.1:${free.port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${free.port}`,
    })
  })

  test('no such host', async () => {
    const { code, message } = await openingError(`postgresql://me:${PASSWORD}@no-such-host.invalid/x`)
    expect(code).toBe('DATABASE_UNREACHABLE')
    expect(message).toMatch(/^PostgreSQL at no-such-host\.invalid:5432 cannot be reached: getaddrinfo \w+/)
  })

  test('whoever listens is not PostgreSQL and never answers', async () => {
    await using silent = await silentPort()
    const { code } = await openingError(`postgresql://me:${PASSWORD}@127.0.0.1:${silent.port}/x`)
    expect(code).toBe('DATABASE_UNREACHABLE')
  })

  test('a wrong password', async () => {
    const { code, message } = await openingError(changedUrl({ password: PASSWORD }))
    expect(code).toBe('DATABASE_REFUSED')
    expect(message).toMatch(
      /^PostgreSQL at \/.*: password authentication failed for user "headwater" \(28P01\)$/,
    )
  })

  test('no such database', async () => {
    const { code, message } = await openingError(changedUrl({}, 'nowhere'))
    expect(code).toBe('DATABASE_REFUSED')
    expect(message).toContain('database "nowhere" does not exist')
  })

  test.each([`postgresql://me:${PASSWORD}@host:port/x`, `postgresql://me:${PASSWORD}@[::1/x`])(
    'a URL that is none: %s',
    async (url) => {
      const { code, message } = await openingError(url)
      expect({ code, message }).toEqual({ code: 'DATABASE_REFUSED', message: 'databaseUrl cannot be used' })
    },
  )

  test('a certificate file that is not there', async () => {
    const { message } = await openingError(`postgresql://me:${PASSWORD}@host/x?sslrootcert=/no/such.pem`)
    expect(message).toBe('databaseUrl cannot be used: /no/such.pem cannot be read')
  })
})

describe('an open database', () => {
  let database: Database
  beforeAll(async () => {
    database = await openPostgres(databaseUrl)
  })
  afterAll(() => database[Symbol.asyncDispose]())

  const value = async () => {
    const { rows } = await sql<{ one: number }>`select 1 as one`.execute(database.query)
    return rows[0]?.one
  }

  /** Ends every connection to the database, as an administrator or a restart would. */
  const cutConnections = async () => {
    await using other = await openPostgres(databaseUrl)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(other.query)
  }

  test('connects again by itself after its connections were cut', async () => {
    await value()
    await cutConnections()
    // The first uses may still meet connections whose end has not been noticed.
    for (let count = 0; count < 10; count++) await value().catch(() => undefined)
    expect(await value()).toBe(1)
  })

  test('fails a transaction whose connection is cut, keeps nothing of it, and goes on', async () => {
    await sql`create table cut (x integer)`.execute(database.query)
    const work = database.transaction('t', async (open) => {
      await sql`insert into cut values (1)`.execute(open)
      await cutConnections()
      await sql`insert into cut values (2)`.execute(open)
    })
    await expect(work).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    expect((await sql`select * from cut`.execute(database.query)).rows).toEqual([])
  })

  test('repeats a transaction that collided with another, a bounded number of times', async () => {
    let attempts = 0
    const collide = (untilAttempt: number) =>
      database.transaction('t', async (open) => {
        attempts++
        if (attempts < untilAttempt) await sql`do $$ begin raise sqlstate '40001'; end $$`.execute(open)
        return attempts
      })
    expect(await collide(3)).toBe(3)
    attempts = 0
    await expect(collide(100)).rejects.toMatchObject({ code: 'TRANSACTION_CONFLICT' })
    expect(attempts).toBe(5)
  })

  test('resolves a deadlock between two transactions', async () => {
    await sql`create table pair (x integer primary key, n integer)`.execute(database.query)
    await sql`insert into pair values (1, 0), (2, 0)`.execute(database.query)
    const bothHold = Promise.withResolvers<undefined>()
    let holders = 0
    const update = (turn: string, first: number, second: number) =>
      database.transaction(turn, async (open) => {
        await sql`update pair set n = n + 1 where x = ${first}`.execute(open)
        if (++holders === 2) bothHold.resolve(undefined)
        await bothHold.promise
        await sql`update pair set n = n + 1 where x = ${second}`.execute(open)
      })
    await Promise.all([update('one turn', 1, 2), update('another turn', 2, 1)])
    expect((await sql`select n from pair`.execute(database.query)).rows).toEqual([{ n: 2 }, { n: 2 }])
  })

  test('keeps readers going while many writers wait for one turn', async () => {
    const release = Promise.withResolvers<undefined>()
    const first = database.transaction('t', () => release.promise)
    const others = Array.from({ length: 50 }, () => database.transaction('t', () => Promise.resolve()))
    expect(await value()).toBe(1)
    release.resolve(undefined)
    await Promise.all([first, ...others])
  })

  test('refuses requests beyond its bound and serves all others', async () => {
    const flood = Array.from({ length: 2000 }, value)
    const outcomes = await Promise.allSettled(flood)
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    )
    expect(refused.length).toBeGreaterThan(900)
    expect(refused[0]).toMatchObject({ code: 'STORE_BUSY' })
    expect(await value()).toBe(1)
  })

  test('says what was wrong with a statement, but not what was in it', async () => {
    await sql`create table unlike (x text unique)`.execute(database.query)
    const insert = () => sql`insert into unlike values ('sk_secret')`.execute(database.query)
    await insert()
    const error: unknown = await insert().catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: 'duplicate key value violates unique constraint "unlike_x_key" (23505)',
    })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('sk_secret')
  })
})

test('what is asked after the end is refused', async () => {
  const database = await openPostgres(databaseUrl)
  await database[Symbol.asyncDispose]()
  await expect(database.transaction('t', () => Promise.resolve())).rejects.toMatchObject({
    code: 'STORE_CLOSED',
  })
  await database[Symbol.asyncDispose]()
})

test.each([
  ['40001', 'TRANSACTION_CONFLICT'],
  ['40P01', 'TRANSACTION_CONFLICT'],
  ['55P03', 'STORE_BUSY'],
  ['57014', 'STORE_BUSY'],
  ['57P01', 'DATABASE_UNREACHABLE'],
  ['53300', 'DATABASE_UNREACHABLE'],
  ['08006', 'DATABASE_UNREACHABLE'],
  ['28000', 'DATABASE_REFUSED'],
  ['42501', 'DATABASE_REFUSED'],
  ['23505', 'STATEMENT_FAILED'],
])('SQLSTATE %s is %s', (sqlState, code) => {
  const error = Object.assign(new DatabaseError('text', 4, 'error'), { code: sqlState })
  expect(toStoreError(error, 'PostgreSQL').code).toBe(code)
})
