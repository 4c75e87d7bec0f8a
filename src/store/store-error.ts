/**
 * What can go wrong between the service and its database.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type StoreErrorCode =
  | 'DATA_DIR_IN_USE'
  | 'DATA_DIR_UNUSABLE'
  | 'DATABASE_LOST'
  | 'DATABASE_REFUSED'
  | 'DATABASE_UNREACHABLE'
  | 'SCHEMA_TOO_NEW'
  | 'STATEMENT_FAILED'
  | 'STORE_BUSY'
  | 'STORE_CLOSED'
  | 'TRANSACTION_CONFLICT'

/**
 * The database could not do what was asked; a write that failed with this left nothing behind.
 *
 * `DATABASE_UNREACHABLE` in the middle of a write is the exception: only its answer may have been lost.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
