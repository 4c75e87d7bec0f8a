/**
 * The thread that owns the SQLite file: it alone waits for the disk.
 *
 * Runs one statement after another in the order they came. Knows no tables.
 * The client side is `sqlite-thread.ts`.
 */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { OpeningReport, SqliteFailure, WorkerReport, WorkerRequest, WorkerSettings } from './protocol.ts'
import { StatementRunner } from './statement-runner.ts'

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

function reportOn(request: Exclude<WorkerRequest, { kind: 'close' }>, runner: StatementRunner): WorkerReport {
  try {
    return request.kind === 'run'
      ? { kind: 'result', id: request.id, result: runner.run(request) }
      : { kind: 'batch', id: request.id, unmet: runner.runBatch(request.statements) }
  } catch (error) {
    return { kind: 'failure', id: request.id, failure: failureOf(error) }
  }
}

function serve(port: NonNullable<typeof parentPort>): void {
  const open = (report: OpeningReport): void => port.postMessage(report)
  let database: DatabaseSync
  try {
    database = openDatabase(settings.databasePath)
  } catch (error) {
    open({ kind: 'open-failed', failure: failureOf(error) })
    return
  }
  const runner = new StatementRunner(database, settings.maxStatements)
  port.on('message', (requests: readonly WorkerRequest[]) => {
    let reports: WorkerReport[] = []
    const tell = (): void => {
      if (reports.length > 0) port.postMessage(reports)
      reports = []
    }
    for (const request of requests) {
      if (request.kind === 'close') {
        tell()
        database.close()
        port.close()
        return
      }
      // Nobody waits for the disk on account of another.
      if (request.kind === 'run' && request.sql === 'commit') tell()
      reports.push(reportOn(request, runner))
    }
    tell()
  })
  open({ kind: 'opened' })
}

if (parentPort) serve(parentPort)
