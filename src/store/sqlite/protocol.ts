/**
 * Messages between the service's thread and the thread that owns the SQLite file. They travel in batches.
 */

/** A value that SQLite can hold and a message can carry. */
export type SqlValue = string | number | bigint | null | Uint8Array

/** A row as SQLite returns it. */
export type SqlRow = Readonly<Record<string, SqlValue>>

/** Given to the worker when it starts. */
export type WorkerSettings = {
  readonly databasePath: string
  /** Prepared statements kept for reuse. */
  readonly maxStatements: number
}

/** One statement to run; answered in order. */
export type StatementRequest = {
  readonly kind: 'run'
  readonly id: number
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  /** Whether it belongs to an open transaction and must not run without one. */
  readonly inside: boolean
}

/** A statement, or the wish to close. */
export type WorkerRequest = StatementRequest | { readonly kind: 'close' }

/** What a statement gave; `changes` counts rows that a write touched. */
export type StatementResult = { readonly rows: readonly SqlRow[]; readonly changes: number }

/** Why SQLite refused; `sqliteCode` is its primary result code, such as 5 for SQLITE_BUSY. */
export type SqliteFailure = { readonly sqliteCode: number | undefined; readonly message: string }

/** How a statement ended. */
export type StatementReport =
  | { readonly kind: 'result'; readonly id: number; readonly result: StatementResult }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: SqliteFailure }

/** The worker's first word. */
export type OpeningReport =
  { readonly kind: 'opened' } | { readonly kind: 'open-failed'; readonly failure: SqliteFailure }
