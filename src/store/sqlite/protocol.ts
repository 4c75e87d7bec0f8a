/**
 * Messages between the service's thread and the thread that owns the SQLite file.
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

/** One statement to run, or the wish to close; answered in order. */
export type WorkerRequest =
  | {
      readonly kind: 'run'
      readonly id: number
      readonly sql: string
      readonly parameters: readonly SqlValue[]
    }
  | { readonly kind: 'close' }

/** What a statement gave; `changes` counts rows that a write touched. */
export type StatementResult = { readonly rows: readonly SqlRow[]; readonly changes: number }

/** Why SQLite refused; `sqliteCode` is its primary result code, such as 5 for SQLITE_BUSY. */
export type SqliteFailure = { readonly sqliteCode: number | undefined; readonly message: string }

/** What the worker reports. `opened` or `open-failed` comes first and once. */
export type WorkerReport =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly failure: SqliteFailure }
  | { readonly kind: 'result'; readonly id: number; readonly result: StatementResult }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: SqliteFailure }
