/**
 * Runs statements on an open SQLite database, each prepared once.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { BatchStatement, Statement, StatementRequest, StatementResult } from './protocol.ts'

/** The statements of one database. */
export class StatementRunner {
  readonly #database: DatabaseSync
  readonly #maxStatements: number
  readonly #statements = new Map<string, StatementSync>()
  #lastFailure = ''

  /** @param maxStatements prepared statements kept for reuse. */
  constructor(database: DatabaseSync, maxStatements: number) {
    this.#database = database
    this.#maxStatements = maxStatements
  }

  /** Runs one statement. */
  run(request: StatementRequest): StatementResult {
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

  #execute({ sql, parameters }: Statement): StatementResult {
    const statement = this.#prepared(sql)
    const values = parameters as Parameters<StatementSync['all']>
    if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 }
    return { rows: [], changes: Number(statement.run(...values).changes) }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    // Taken out and put back at the end: the map's order is then the order of last use.
    if (known) this.#statements.delete(sql)
    const statement = known ?? this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= this.#maxStatements) break
      this.#statements.delete(oldest)
    }
    return statement
  }
}
