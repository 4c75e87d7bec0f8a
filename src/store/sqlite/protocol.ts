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

/** A statement with its parameters. */
export type Statement = { readonly sql: string; readonly parameters: readonly SqlValue[] }

/** One statement to run; answered in order. */
export type StatementRequest = Statement & {
  readonly kind: 'run'
  readonly id: number
  /** Whether it belongs to an open transaction and must not run without one. */
  readonly inside: boolean
}

/** A statement of a batch; `required` when the batch must end where it finds or changes no row. */
export type BatchStatement = Statement & { readonly required: boolean }

/** All the statements of one member of the open transaction. When not all of them are done, it is undone. */
export type BatchRequest = {
  readonly kind: 'batch'
  readonly id: number
  readonly statements: readonly BatchStatement[]
}

/** What the worker is asked for. */
export type WorkerRequest = StatementRequest | BatchRequest | { readonly kind: 'close' }

/** What a statement gave; `changes` counts rows that a write touched. */
export type StatementResult = { readonly rows: readonly SqlRow[]; readonly changes: number }

/** The same as it travels: names once, because with each row they would cost more than the values. */
export type PackedResult = {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SqlValue[])[]
  readonly changes: number
}

/** Why SQLite refused; `sqliteCode` is its primary result code, such as 5 for SQLITE_BUSY. */
export type SqliteFailure = { readonly sqliteCode: number | undefined; readonly message: string }

/** How a request ended. */
export type WorkerReport =
  | { readonly kind: 'result'; readonly id: number; readonly result: PackedResult }
  /** `unmet` is the index of the required statement that found or changed no row, if one did not. */
  | { readonly kind: 'batch'; readonly id: number; readonly unmet: number | undefined }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: SqliteFailure }

/** The worker's first word. */
export type OpeningReport =
  { readonly kind: 'opened' } | { readonly kind: 'open-failed'; readonly failure: SqliteFailure }
