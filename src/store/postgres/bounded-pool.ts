/**
 * Connections to PostgreSQL with a bound on everything: how many, how many wait for one, and how long each step takes.
 *
 * Stands between Kysely and `pg`. One connection runs one statement after the other, in the order they came.
 */
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { Client, DatabaseError, Pool, types } from 'pg'
import type { CustomTypesConfig, PoolClient } from 'pg'
import { StoreError } from '../store-error.ts'
import { toStoreError } from './postgres-error.ts'

const MAX_CONNECTIONS = 10
/** Time to get a connection, from the pool or from the network. */
const CONNECT_TIMEOUT_MS = 5_000
/** Time that one statement waits for what others hold. */
const LOCK_TIMEOUT_MS = 10_000
/** Time of one statement, a change of the tables at the start included. */
const STATEMENT_TIMEOUT_MS = 60_000
/** For a server that says nothing at all: later than all that it would say by itself. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000
/** A node that vanished in the middle of a transaction keeps others waiting this long at most. */
const IDLE_TRANSACTION_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 10_000

const NUMBERS: ReadonlySet<number> = new Set([types.builtins.INT8, types.builtins.NUMERIC])

/** The connections as Kysely uses them; every failure is a `StoreError`. */
export class BoundedPool implements PostgresPool {
  readonly options: object = {}
  readonly #pool: Pool
  readonly #place: string
  readonly #maxWaiting: number
  readonly #connecting = new Set<Promise<PoolClient>>()
  #ended: Promise<void> | undefined

  /**
   * Connects to nothing yet.
   *
   * @param databaseUrl as libpq reads it; what its query sets wins over the bounds here.
   * @param maxWaiting requests that may wait for a connection.
   * @throws {StoreError} `DATABASE_REFUSED` when the URL cannot be used.
   */
  constructor(databaseUrl: string, maxWaiting: number) {
    this.#place = placeOf(databaseUrl)
    this.#maxWaiting = maxWaiting
    this.#pool = new Pool({
      connectionString: databaseUrl,
      application_name: 'headwater',
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      types: { getTypeParser },
    })
    // A connection that breaks in use fails its statement, and one that breaks unused is replaced when it is wanted.
    // Unheard, these events would end the process.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /** @throws {StoreError} `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `STORE_BUSY`, or `STORE_CLOSED` after `end`. */
  async connect(): Promise<PostgresPoolClient> {
    if (this.#ended) throw new StoreError('STORE_CLOSED', 'the database is closed')
    if (this.#connecting.size >= this.#maxWaiting) {
      throw new StoreError('STORE_BUSY', `more than ${this.#maxWaiting} requests wait for a connection`)
    }
    const connecting = this.#pool.connect()
    this.#connecting.add(connecting)
    try {
      return new OrderedConnection(await connecting, this.#place)
    } catch (error) {
      throw toStoreError(error, this.#place)
    } finally {
      this.#connecting.delete(connecting)
    }
  }

  /** Resolves when what is under way is done and every connection is closed. */
  end(): Promise<void> {
    return (this.#ended ??= this.#finish())
  }

  async #finish(): Promise<void> {
    // The pool forgets those who wait for a connection when it ends.
    await Promise.allSettled(this.#connecting)
    await this.#pool.end()
  }
}

class OrderedConnection implements PostgresPoolClient {
  readonly #client: PoolClient
  readonly #place: string
  #last: Promise<unknown> = Promise.resolve()
  #broken: StoreError | undefined

  constructor(client: PoolClient, place: string) {
    this.#client = client
    this.#place = place
  }

  query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  query(): never
  query<Row>(sql = '', parameters: readonly unknown[] = []): Promise<PostgresQueryResult<Row>> {
    const result = this.#last.then(() => this.#run<Row>(sql, parameters))
    this.#last = result.catch(() => undefined)
    return result
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#broken !== undefined)
  }

  async #run<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    if (this.#broken) throw this.#broken
    try {
      const result = await this.#client.query(sql, parameters.map(withoutNul))
      return result as unknown as PostgresQueryResult<Row>
    } catch (error) {
      const failure = toStoreError(error, this.#place)
      // What PostgreSQL refuses leaves the connection sound; after anything else nobody knows what comes next on it.
      if (!(error instanceof DatabaseError)) this.#broken = failure
      throw failure
    }
  }
}

function placeOf(databaseUrl: string): string {
  try {
    const { host, port } = new Client({ connectionString: databaseUrl })
    return `PostgreSQL at ${host.startsWith('/') ? host : `${host}:${port}`}`
  } catch (error) {
    // The error of a broken URL quotes it, password and all; the one of a missing certificate names the file.
    const path = error instanceof Error && 'path' in error ? `: ${String(error.path)} cannot be read` : ''
    throw new StoreError('DATABASE_REFUSED', `databaseUrl cannot be used${path}`)
  }
}

// Text in PostgreSQL has no place for NUL. It becomes what broken UTF-16 becomes on its way to any database.
function withoutNul(parameter: unknown): unknown {
  return typeof parameter === 'string' ? parameter.replaceAll('\0', '\uFFFD') : parameter
}

// 64-bit numbers arrive as text. Ours are counts and milliseconds, which a double holds exactly.
const getTypeParser: CustomTypesConfig['getTypeParser'] = (oid, format): unknown =>
  NUMBERS.has(oid) ? Number : types.getTypeParser(oid, format)
