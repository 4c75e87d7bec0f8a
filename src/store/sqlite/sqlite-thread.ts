/**
 * The service's end of the SQLite worker thread: sends statements, matches answers.
 *
 * Statements run in the order of `run` calls. How many may be under way is `transaction-gate.ts`'s care.
 */
import { Worker } from 'node:worker_threads'
import { StoreError } from '../store-error.ts'
import type {
  BatchStatement,
  OpeningReport,
  PackedResult,
  SqliteFailure,
  SqlRow,
  SqlValue,
  StatementResult,
  WorkerReport,
  WorkerRequest,
  WorkerSettings,
} from './protocol.ts'

const SQLITE_BUSY = 5
const MAX_STATEMENTS = 200

type Answer = Exclude<WorkerReport, { readonly kind: 'failure' }>

type Waiting = {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: StoreError) => void
}

/** A running SQLite thread; `[Symbol.asyncDispose]` ends it after the statements already sent. */
export class SqliteThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  /** Resolves when the thread ends without having been asked to. */
  readonly lost: Promise<StoreError>
  #outbox: WorkerRequest[] = []
  #nextId = 1
  #gone: StoreError | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()))
    this.lost = new Promise((resolve) => {
      worker.once('error', (cause) => this.#break(cause, resolve))
      worker.once('exit', () => this.#break(undefined, resolve))
    })
    worker.on('message', (reports: readonly WorkerReport[]) => {
      for (const report of reports) this.#settle(report)
    })
  }

  /**
   * Opens the database file, creating it when absent, and locks it against every other process.
   *
   * @throws {StoreError} `DATA_DIR_IN_USE` when another process holds it, `DATA_DIR_UNUSABLE` when it cannot be opened.
   */
  static async open(databasePath: string): Promise<SqliteThread> {
    const workerData: WorkerSettings = { databasePath, maxStatements: MAX_STATEMENTS }
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData })
    const first = await new Promise<OpeningReport>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    if (first.kind !== 'open-failed') return new SqliteThread(worker)
    await worker.terminate()
    throw openError(databasePath, first.failure)
  }

  /** Runs one statement. */
  run(sql: string, parameters: readonly SqlValue[] = []): Promise<StatementResult> {
    return this.#run(sql, parameters, false)
  }

  /** Runs one statement of a transaction; refuses when none is open. */
  runInside(sql: string, parameters: readonly SqlValue[] = []): Promise<StatementResult> {
    return this.#run(sql, parameters, true)
  }

  /**
   * Runs all statements of one member of the open transaction, or undoes the member.
   *
   * @returns the index of the required statement that found or changed no row; undefined when all is done.
   */
  async runBatch(statements: readonly BatchStatement[]): Promise<number | undefined> {
    const answer = await this.#ask((id) => ({ kind: 'batch', id, statements }))
    return answer.kind === 'batch' ? answer.unmet : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#gone) {
      this.#gone = new StoreError('STORE_CLOSED', 'the database is closed')
      this.#send({ kind: 'close' })
    }
    await this.#ended
  }

  async #run(sql: string, parameters: readonly SqlValue[], inside: boolean): Promise<StatementResult> {
    const answer = await this.#ask((id) => ({ kind: 'run', id, sql, parameters, inside }))
    return answer.kind === 'result' ? unpack(answer.result) : { rows: [], changes: 0 }
  }

  #ask(request: (id: number) => WorkerRequest): Promise<Answer> {
    if (this.#gone) return Promise.reject(this.#gone)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send(request(id))
    })
  }

  // A message costs as much as a statement, so what is asked for in one turn of the event loop goes in one.
  #send(request: WorkerRequest): void {
    this.#outbox.push(request)
    if (this.#outbox.length > 1) return
    process.nextTick(() => {
      this.#worker.postMessage(this.#outbox)
      this.#outbox = []
    })
  }

  #settle(report: WorkerReport): void {
    const waiting = this.#waiting.get(report.id)
    this.#waiting.delete(report.id)
    if (report.kind !== 'failure') waiting?.resolve(report)
    else waiting?.reject(new StoreError('STATEMENT_FAILED', report.failure.message))
  }

  /** The thread is no more; `report` hears of it unless that was asked for. */
  #break(cause: unknown, report: (error: StoreError) => void): void {
    if (!this.#gone) {
      this.#gone = new StoreError('DATABASE_LOST', 'the database thread broke down', { cause })
      report(this.#gone)
    }
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone)
    this.#waiting.clear()
  }
}

function unpack({ columns, rows, changes }: PackedResult): StatementResult {
  return { rows: rows.map((values) => unpackRow(columns, values)), changes }
}

// For lists of wide rows, this loop takes a third of the time that entries would.
function unpackRow(columns: readonly string[], values: readonly SqlValue[]): SqlRow {
  const row: Record<string, SqlValue> = {}
  for (let index = 0; index < columns.length; index++) row[columns[index] ?? ''] = values[index] ?? null
  return row
}

function openError(databasePath: string, failure: SqliteFailure): StoreError {
  return failure.sqliteCode === SQLITE_BUSY
    ? new StoreError('DATA_DIR_IN_USE', `${databasePath} is in use by another process`)
    : new StoreError('DATA_DIR_UNUSABLE', `${databasePath} cannot be opened: ${failure.message}`)
}
