/**
 * Errors in their wire form. Nothing else knows the contract's error names (reference ivs-api §2).
 */
import type { DomainErrorCode } from '../../domain/errors.ts'
import { DomainError } from '../../domain/errors.ts'
import type { StoreErrorCode } from '../../store/index.ts'
import { StoreError } from '../../store/index.ts'
import type { ProtocolErrorCode } from './protocol-error.ts'
import { ProtocolError } from './protocol-error.ts'

/** Names that clients know errors by, listed in docs/reference/errors.md. */
export type WireErrorName =
  | 'AccessDeniedException'
  | 'BadRequestException'
  | 'ChannelNotBroadcasting'
  | 'ConflictException'
  | 'IncompleteSignature'
  | 'InternalFailure'
  | 'InternalServerException'
  | 'InternalServiceFault'
  | 'InvalidNextToken'
  | 'InvalidParameterValueException'
  | 'InvalidSignatureException'
  | 'MalformedHttpRequestException'
  | 'MissingAuthenticationToken'
  | 'NotFoundException'
  | 'RequestEntityTooLargeException'
  | 'ResourceNotFoundException'
  | 'ServiceQuotaExceededException'
  | 'ServiceUnavailable'
  | 'StreamUnavailable'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException'
  | 'ValidationException'

/** An error as a client reads it. */
export type WireError = {
  /** Value of `x-amzn-ErrorType`. */
  readonly type: WireErrorName
  readonly status: number
  /** Begins with the type and a colon where the service does it. */
  readonly message: string
}

type WireKind = Pick<WireError, 'type' | 'status'>

const INTERNAL: WireKind = { type: 'InternalServerException', status: 500 }
const UNAVAILABLE: WireKind = { type: 'ServiceUnavailable', status: 503 }

const DOMAIN_KINDS: Readonly<Record<DomainErrorCode, WireKind>> = {
  VALIDATION: { type: 'ValidationException', status: 400 },
  QUOTA_EXCEEDED: { type: 'ServiceQuotaExceededException', status: 402 },
  RESOURCE_NOT_FOUND: { type: 'ResourceNotFoundException', status: 404 },
  CHANNEL_NOT_BROADCASTING: { type: 'ChannelNotBroadcasting', status: 404 },
  CONFLICT: { type: 'ConflictException', status: 409 },
  STREAM_UNAVAILABLE: { type: 'StreamUnavailable', status: 503 },
}

const PROTOCOL_KINDS: Readonly<Record<ProtocolErrorCode, WireKind>> = {
  ACCESS_DENIED: { type: 'AccessDeniedException', status: 403 },
  AUTHENTICATION_MISSING: { type: 'MissingAuthenticationToken', status: 403 },
  CALL_RATE_EXCEEDED: { type: 'ThrottlingException', status: 429 },
  CLIENT_UNRECOGNIZED: { type: 'UnrecognizedClientException', status: 403 },
  REQUEST_MALFORMED: { type: 'MalformedHttpRequestException', status: 400 },
  REQUEST_TOO_LARGE: { type: 'RequestEntityTooLargeException', status: 413 },
  SIGNATURE_INCOMPLETE: { type: 'IncompleteSignature', status: 403 },
  SIGNATURE_INVALID: { type: 'InvalidSignatureException', status: 403 },
  UNKNOWN_OPERATION: { type: 'UnknownOperationException', status: 404 },
}

const STORE_KINDS: Readonly<Record<StoreErrorCode, WireKind>> = {
  DATA_DIR_IN_USE: INTERNAL,
  DATA_DIR_UNUSABLE: INTERNAL,
  DATABASE_LOST: UNAVAILABLE,
  DATABASE_REFUSED: INTERNAL,
  DATABASE_UNREACHABLE: UNAVAILABLE,
  SCHEMA_TOO_NEW: INTERNAL,
  STATEMENT_FAILED: INTERNAL,
  STORE_BUSY: UNAVAILABLE,
  STORE_CLOSED: UNAVAILABLE,
  TRANSACTION_CONFLICT: UNAVAILABLE,
}

/** The wire form of whatever was thrown. Inner causes never show: the log has them under the request id. */
export function toWireError(error: unknown): WireError {
  if (error instanceof DomainError) return withText(DOMAIN_KINDS[error.code], error.message)
  if (error instanceof ProtocolError) return withText(PROTOCOL_KINDS[error.code], error.message)
  if (error instanceof StoreError) return serverFault(STORE_KINDS[error.code])
  const status = frameworkStatus(error)
  if (status === 413) return withText(PROTOCOL_KINDS.REQUEST_TOO_LARGE, 'the body is too large')
  if (status !== undefined && status >= 400 && status < 500) {
    return withText(PROTOCOL_KINDS.REQUEST_MALFORMED, 'the request is not well-formed HTTP')
  }
  return serverFault(INTERNAL)
}

/** How the clients of a service read its errors. */
export type ErrorForm = {
  /** The wire form of whatever was thrown. */
  readonly toError: (error: unknown) => WireError
  /** What is sent as JSON. */
  readonly bodyOf: (error: WireError) => object
}

/** The form of IVS. */
export const ivsErrors: ErrorForm = { toError: toWireError, bodyOf: errorBody }

/** The JSON body; SDKs read `message`, the contract's member is `exceptionMessage`. */
export function errorBody(error: WireError): { readonly exceptionMessage: string; readonly message: string } {
  return { exceptionMessage: error.message, message: error.message }
}

function serverFault(kind: WireKind): WireError {
  return kind.status === UNAVAILABLE.status
    ? withText(kind, 'the service cannot take the request now, try again')
    : withText(kind, 'the request failed inside the service')
}

function withText(kind: WireKind, text: string): WireError {
  return { ...kind, message: `${kind.type}: ${text}` }
}

// Fastify's own errors carry the status they stand for.
function frameworkStatus(error: unknown): number | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  return typeof statusCode === 'number' ? statusCode : undefined
}
