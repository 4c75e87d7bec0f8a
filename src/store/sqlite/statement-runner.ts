/**
 * Runs statements on an open SQLite database, each prepared once.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SqlValue, StatementRequest, StatementResult } from './protocol.ts'

/** What `runner` makes. */
export type StatementRunner = (request: StatementRequest) => StatementResult

/** @param maxStatements prepared statements kept for reuse. */
export function statementRunner(database: DatabaseSync, maxStatements: number): StatementRunner {
  const statements = new Map<string, StatementSync>()
  let lastFailure = ''

  function prepared(sql: string): StatementSync {
    const known = statements.get(sql)
    // Taken out and put back at the end: the map's order is then the order of last use.
    if (known) statements.delete(sql)
    const statement = known ?? database.prepare(sql)
    statements.set(sql, statement)
    for (const oldest of statements.keys()) {
      if (statements.size <= maxStatements) break
      statements.delete(oldest)
    }
    return statement
  }

  return ({ sql, parameters, inside }) => {
    // A full disk makes SQLite undo the transaction by itself. What still comes must not be kept one by one.
    if (inside && !database.isTransaction) throw new Error(`the transaction was undone: ${lastFailure}`)
    try {
      return resultOf(prepared(sql), parameters)
    } catch (error) {
      lastFailure = error instanceof Error ? error.message : String(error)
      // Some failures of a commit leave the transaction open, and with it everybody else inside.
      if (sql === 'commit' && database.isTransaction) database.exec('rollback')
      throw error
    }
  }
}

function resultOf(statement: StatementSync, parameters: readonly SqlValue[]): StatementResult {
  const values = parameters as Parameters<StatementSync['all']>
  if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 }
  return { rows: [], changes: Number(statement.run(...values).changes) }
}
