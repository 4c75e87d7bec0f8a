/**
 * The thread that owns the SQLite file: it alone waits for the disk.
 *
 * Runs one statement after another in the order they came. Knows no tables.
 * The client side is `sqlite-thread.ts`.
 */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type {
  SqliteFailure,
  StatementResult,
  WorkerReport,
  WorkerRequest,
  WorkerSettings,
} from './protocol.ts'

const settings = workerData as WorkerSettings

function openDatabase(path: string): DatabaseSync {
  // Stream keys are inside, so the file is the owner's alone from its first byte.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { timeout: 0 })
  // The lock is the operating system's: it keeps a second process out and dies with this one.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA foreign_keys = ON')
  // Locks are taken at the first write, so write now rather than find out later.
  database.exec('BEGIN EXCLUSIVE; COMMIT')
  return database
}

function failureOf(error: unknown): SqliteFailure {
  const message = error instanceof Error ? error.message : String(error)
  const extended = (error as { errcode?: unknown } | undefined)?.errcode
  return { sqliteCode: typeof extended === 'number' ? extended & 0xff : undefined, message }
}

function runner(database: DatabaseSync): (sql: string, parameters: readonly unknown[]) => StatementResult {
  const statements = new Map<string, StatementSync>()

  function prepared(sql: string): StatementSync {
    const known = statements.get(sql)
    // Taken out and put back at the end: the map's order is then the order of last use.
    if (known) statements.delete(sql)
    const statement = known ?? database.prepare(sql)
    statements.set(sql, statement)
    for (const oldest of statements.keys()) {
      if (statements.size <= settings.maxStatements) break
      statements.delete(oldest)
    }
    return statement
  }

  return (sql, parameters) => {
    // A full disk makes SQLite roll back by itself; asking again would then be an error.
    if (sql === 'rollback' && !database.isTransaction) return { rows: [], changes: 0 }
    const statement = prepared(sql)
    const values = parameters as Parameters<StatementSync['all']>
    if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 }
    return { rows: [], changes: Number(statement.run(...values).changes) }
  }
}

function serve(port: NonNullable<typeof parentPort>): void {
  const report = (message: WorkerReport): void => port.postMessage(message)
  let database: DatabaseSync
  try {
    database = openDatabase(settings.databasePath)
  } catch (error) {
    report({ kind: 'open-failed', failure: failureOf(error) })
    return
  }
  const run = runner(database)
  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'close') {
      database.close()
      port.close()
      return
    }
    try {
      report({ kind: 'result', id: request.id, result: run(request.sql, request.parameters) })
    } catch (error) {
      report({ kind: 'failure', id: request.id, failure: failureOf(error) })
    }
  })
  report({ kind: 'opened' })
}

if (parentPort) serve(parentPort)
