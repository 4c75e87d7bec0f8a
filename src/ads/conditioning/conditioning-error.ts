/**
 * What can go wrong between a creative's URL and its conditioned form.
 */
import type { CreativeFailure } from '../creative-library.ts'

/** Why a creative cannot be played; stable, for metrics and logs. */
export type ConditioningErrorCode =
  | 'CREATIVE_UNREACHABLE'
  | 'CREATIVE_TIMEOUT'
  | 'CREATIVE_TOO_LARGE'
  | 'CREATIVE_UNREADABLE'
  | 'CREATIVE_PLAYLIST_UNSUPPORTED'
  | 'CREATIVE_TOO_LONG'
  | 'CREATIVE_TOO_SHORT'
  | 'CONDITIONING_TIMEOUT'
  | 'CONDITIONING_CANCELLED'
  | 'CONDITIONING_FAILED'

/** A creative cannot be conditioned. The next break asks again after a while. */
export class ConditioningError extends Error {
  override readonly name = 'ConditioningError'
  readonly code: ConditioningErrorCode

  constructor(code: ConditioningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The error itself, or `CONDITIONING_FAILED` for one that nobody foresaw, such as a full disk. */
export function asConditioningError(error: unknown): ConditioningError {
  if (error instanceof ConditioningError) return error
  // Messages of the system name files, and files can be named by strangers.
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new ConditioningError('CONDITIONING_FAILED', `something failed (${code})`, { cause: error })
}

/** What an error means for whoever wants to play the creative. */
export function failureOf({ code }: ConditioningError): CreativeFailure {
  return FAILURES.get(code) ?? 'unplayable'
}

/** Whether trying again soon is of no use: the file itself is what is wrong. */
export function isLasting({ code }: ConditioningError): boolean {
  return LASTING.has(code)
}

const LASTING: ReadonlySet<ConditioningErrorCode> = new Set([
  'CREATIVE_TOO_LARGE',
  'CREATIVE_UNREADABLE',
  'CREATIVE_PLAYLIST_UNSUPPORTED',
  'CREATIVE_TOO_LONG',
  'CREATIVE_TOO_SHORT',
])

const FAILURES: ReadonlyMap<ConditioningErrorCode, CreativeFailure> = new Map([
  ['CREATIVE_UNREACHABLE', 'unavailable'],
  ['CREATIVE_TIMEOUT', 'timed-out'],
  ['CREATIVE_TOO_LARGE', 'unsuitable'],
  ['CREATIVE_TOO_LONG', 'unsuitable'],
  ['CREATIVE_TOO_SHORT', 'unsuitable'],
])
