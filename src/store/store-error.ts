/**
 * What can go wrong between the service and its database.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type StoreErrorCode =
  | 'DATA_DIR_IN_USE'
  | 'DATA_DIR_UNUSABLE'
  | 'DATABASE_LOST'
  | 'SCHEMA_TOO_NEW'
  | 'STATEMENT_FAILED'
  | 'STORE_BUSY'
  | 'STORE_CLOSED'

/** The database could not do what was asked; a write that failed with this left nothing behind. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
