/**
 * Runs statements on an open SQLite database, each prepared once.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BatchStatement, PackedResult, SqlValue, Statement, StatementRequest } from './protocol.ts'

type PreparedStatement = { readonly statement: StatementSync; readonly columns: readonly string[] }

// A change of the tables may change what `*` stands for in statements that were prepared before.
const CHANGE_OF_TABLES = /^\s*(alter|create|drop)\s/i

const NO_ROWS: readonly (readonly SqlValue[])[] = []

/** The statements of one database. */
export class StatementRunner {
  readonly #database: DatabaseSync
  readonly #maxStatements: number
  readonly #statements = new Map<string, PreparedStatement>()
  #lastFailure = ''

  /** @param maxStatements prepared statements kept for reuse. */
  constructor(database: DatabaseSync, maxStatements: number) {
    this.#database = database
    this.#maxStatements = maxStatements
  }

  /** Runs one statement. */
  run(request: StatementRequest): PackedResult {
    if (request.inside) this.#requireTransaction()
    try {
      return this.#execute(request)
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error.message : String(error)
      // Some failures of a commit leave the transaction open, and with it everybody else inside.
      if (request.sql === 'commit' && this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  /** Runs all statements of one member of the open transaction, or undoes the member; see `SqliteThread.runBatch`. */
  runBatch(statements: readonly BatchStatement[]): number | undefined {
    this.#requireTransaction()
    try {
      const unmet = statements.findIndex((statement) => {
        const { rows, changes } = this.#execute(statement)
        return statement.required && rows.length === 0 && changes === 0
      })
      if (unmet === -1) return undefined
      this.#database.exec('rollback to member')
      return unmet
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error.message : String(error)
      if (this.#database.isTransaction) this.#database.exec('rollback to member')
      throw error
    }
  }

  // A full disk makes SQLite undo the transaction by itself. What still comes must not be kept one by one.
  #requireTransaction(): void {
    if (!this.#database.isTransaction) throw new Error(`the transaction was undone: ${this.#lastFailure}`)
  }

  #execute({ sql, parameters }: Statement): PackedResult {
    const { statement, columns } = this.#prepared(sql)
    const values = parameters as Parameters<StatementSync['all']>
    if (columns.length > 0) {
      // Node's types know only rows that are objects.
      const rows = statement.all(...values) as unknown as PackedResult['rows']
      return { columns, rows, changes: 0 }
    }
    const changes = Number(statement.run(...values).changes)
    if (CHANGE_OF_TABLES.test(sql)) this.#statements.clear()
    return { columns, rows: NO_ROWS, changes }
  }

  #prepared(sql: string): PreparedStatement {
    const known = this.#statements.get(sql)
    // Taken out and put back at the end: the map's order is then the order of last use.
    if (known) this.#statements.delete(sql)
    const prepared = known ?? this.#prepare(sql)
    this.#statements.set(sql, prepared)
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= this.#maxStatements) break
      this.#statements.delete(oldest)
    }
    return prepared
  }

  #prepare(sql: string): PreparedStatement {
    const statement = this.#database.prepare(sql)
    const columns = statement.columns().map(({ name }) => name)
    statement.setReturnArrays(true)
    return { statement, columns }
  }
}
