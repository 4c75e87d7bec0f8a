/**
 * What can go wrong in the service's own terms. `api/aws` alone turns these into wire errors.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type DomainErrorCode =
  | 'VALIDATION'
  | 'RESOURCE_NOT_FOUND'
  | 'CHANNEL_NOT_BROADCASTING'
  | 'CONFLICT'
  | 'QUOTA_EXCEEDED'
  | 'STREAM_UNAVAILABLE'

/** A rule of the service refused the request; nothing was changed. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: DomainErrorCode

  constructor(code: DomainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The resource is not there, or not the caller's, which is the same to the caller. */
export function resourceNotFound(arn: string): DomainError {
  return new DomainError('RESOURCE_NOT_FOUND', notFoundText(arn))
}

/** What is said of a resource that is not there. */
export function notFoundText(arn: string): string {
  return `Resource: ${arn} not found`
}
