/**
 * The service's end of the SQLite worker thread: sends statements, matches answers.
 *
 * Statements run in the order of `run` calls. How many may be under way is `transaction-gate.ts`'s care.
 */
import { Worker } from 'node:worker_threads'
import { StoreError } from '../store-error.ts'
import type {
  SqliteFailure,
  SqlValue,
  StatementResult,
  WorkerReport,
  WorkerRequest,
  WorkerSettings,
} from './protocol.ts'

const SQLITE_BUSY = 5
const MAX_STATEMENTS = 200

type Waiting = {
  readonly resolve: (result: StatementResult) => void
  readonly reject: (error: StoreError) => void
}

/** A running SQLite thread; `[Symbol.asyncDispose]` ends it after the statements already sent. */
export class SqliteThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #nextId = 1
  #gone: StoreError | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()))
    worker.on('message', (report: WorkerReport) => this.#settle(report))
    worker.on('error', (cause) =>
      this.#fail(new StoreError('STATEMENT_FAILED', 'the database thread broke down', { cause })),
    )
    worker.once('exit', () => this.#fail(new StoreError('STORE_CLOSED', 'the database is closed')))
  }

  /**
   * Opens the database file, creating it when absent, and locks it against every other process.
   *
   * @throws {StoreError} `DATA_DIR_IN_USE` when another process holds it, `DATA_DIR_UNUSABLE` when it cannot be opened.
   */
  static async open(databasePath: string): Promise<SqliteThread> {
    const workerData: WorkerSettings = { databasePath, maxStatements: MAX_STATEMENTS }
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData })
    const first = await new Promise<WorkerReport>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    if (first.kind !== 'open-failed') return new SqliteThread(worker)
    await worker.terminate()
    throw openError(databasePath, first.failure)
  }

  /** Runs one statement. */
  run(sql: string, parameters: readonly SqlValue[] = []): Promise<StatementResult> {
    if (this.#gone) return Promise.reject(this.#gone)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send({ kind: 'run', id, sql, parameters })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#gone) {
      this.#gone = new StoreError('STORE_CLOSED', 'the database is closed')
      this.#send({ kind: 'close' })
    }
    await this.#ended
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request)
  }

  #settle(report: WorkerReport): void {
    if (report.kind !== 'result' && report.kind !== 'failure') return
    const waiting = this.#waiting.get(report.id)
    this.#waiting.delete(report.id)
    if (report.kind === 'result') waiting?.resolve(report.result)
    else waiting?.reject(new StoreError('STATEMENT_FAILED', report.failure.message))
  }

  #fail(error: StoreError): void {
    this.#gone ??= error
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

function openError(databasePath: string, failure: SqliteFailure): StoreError {
  return failure.sqliteCode === SQLITE_BUSY
    ? new StoreError('DATA_DIR_IN_USE', `${databasePath} is in use by another process`)
    : new StoreError('DATA_DIR_UNUSABLE', `${databasePath} cannot be opened: ${failure.message}`)
}
