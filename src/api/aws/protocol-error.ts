/**
 * What can be wrong with a request before it means anything to the service.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type ProtocolErrorCode =
  | 'ACCESS_DENIED'
  | 'AUTHENTICATION_MISSING'
  | 'CALL_RATE_EXCEEDED'
  | 'CLIENT_UNRECOGNIZED'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TOO_LARGE'
  | 'SIGNATURE_INCOMPLETE'
  | 'SIGNATURE_INVALID'
  | 'UNKNOWN_OPERATION'

/** The request was refused before its operation saw it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
