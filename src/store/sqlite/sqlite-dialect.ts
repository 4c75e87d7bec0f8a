/**
 * Lets Kysely speak to SQLite in its worker thread.
 */
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from 'kysely'
import type { SqlValue } from './protocol.ts'
import type { SqliteThread } from './sqlite-thread.ts'
import type { TransactionGate } from './transaction-gate.ts'

/** Kysely dialect over one SQLite thread; destroying the Kysely instance ends the thread. */
export class SqliteDialect implements Dialect {
  readonly #thread: SqliteThread
  readonly #gate: TransactionGate

  /** @param gate before `thread`; whoever uses the thread besides goes through it too. */
  constructor(thread: SqliteThread, gate: TransactionGate) {
    this.#thread = thread
    this.#gate = gate
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#thread, this.#gate)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new GatedSqliteAdapter()
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database)
  }
}

// There is one connection, but the gate shares it out: Kysely's own lock in its place would serve reads one by one
// and let any number of requests wait.
class GatedSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #thread: SqliteThread
  readonly #gate: TransactionGate

  constructor(thread: SqliteThread, gate: TransactionGate) {
    this.#thread = thread
    this.#gate = gate
  }

  init(): Promise<void> {
    return Promise.resolve()
  }

  acquireConnection(): Promise<SqliteTurn> {
    return Promise.resolve(new SqliteTurn(this.#thread, this.#gate))
  }

  beginTransaction(turn: SqliteTurn): Promise<void> {
    return turn.begin()
  }

  commitTransaction(turn: SqliteTurn): Promise<void> {
    return turn.commit()
  }

  rollbackTransaction(turn: SqliteTurn): Promise<void> {
    return turn.rollback()
  }

  releaseConnection(turn: SqliteTurn): Promise<void> {
    return turn.rollback()
  }

  async destroy(): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }
}

/** One user's turn at the connection: a single statement, or a transaction. */
class SqliteTurn implements DatabaseConnection {
  readonly #thread: SqliteThread
  readonly #gate: TransactionGate
  #inTransaction = false

  constructor(thread: SqliteThread, gate: TransactionGate) {
    this.#thread = thread
    this.#gate = gate
  }

  async begin(): Promise<void> {
    await this.#gate.enter()
    this.#inTransaction = true
  }

  async commit(): Promise<void> {
    this.#inTransaction = false
    await this.#gate.keep()
  }

  /** Nothing happens outside a transaction. */
  async rollback(): Promise<void> {
    if (!this.#inTransaction) return
    this.#inTransaction = false
    await this.#gate.undo()
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters as readonly SqlValue[]
    const { rows, changes } = await (this.#inTransaction
      ? this.#thread.runInside(query.sql, parameters)
      : this.#gate.pass(() => this.#thread.run(query.sql, parameters)))
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) }
  }

  streamQuery(): never {
    throw new TypeError('rows come in pages, not in streams')
  }
}
