/**
 * PostgreSQL's refusals in the store's own terms.
 *
 * Only code and message are kept: the details that PostgreSQL adds quote rows, and rows hold stream keys.
 *
 * Codes: PostgreSQL documentation, appendix A.
 */
import { DatabaseError } from 'pg'
import { StoreError } from '../store-error.ts'
import type { StoreErrorCode } from '../store-error.ts'

const CODES: readonly (readonly [RegExp, StoreErrorCode])[] = [
  // Serialization failure and deadlock: the same transaction may well succeed the next time.
  [/^(40001|40P01)$/, 'TRANSACTION_CONFLICT'],
  // A lock or a statement that took too long.
  [/^(55P03|57014)$/, 'STORE_BUSY'],
  // Authorization, missing database, missing rights.
  [/^(28...|3D000|42501)$/, 'DATABASE_REFUSED'],
  // Connection trouble, a server that stops or starts, too many connections, a transaction left idle.
  [/^(08...|57P0.|53300|25P03)$/, 'DATABASE_UNREACHABLE'],
]

/**
 * The error for the stores' callers.
 *
 * @param place where PostgreSQL is, without any secret.
 */
export function toStoreError(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error
  if (!(error instanceof DatabaseError)) {
    return new StoreError('DATABASE_UNREACHABLE', `${place} cannot be reached: ${reasonOf(error)}`)
  }
  const sqlState = error.code ?? ''
  const code = CODES.find(([pattern]) => pattern.test(sqlState))?.[1] ?? 'STATEMENT_FAILED'
  const who = code.startsWith('DATABASE_') ? `${place}: ` : ''
  return new StoreError(code, `${who}${error.message} (${sqlState})`)
}

function reasonOf(error: unknown): string {
  // Node says nothing of its own when it tried several addresses.
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
