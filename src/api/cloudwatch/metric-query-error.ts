/**
 * Errors of the metric operations, and how their clients read them.
 */
import { toWireError } from '../aws/error-response.ts'
import type { WireErrorName } from '../aws/error-response.ts'
import type { TargetError } from '../aws/target-protocols.ts'

/** Stable codes, listed in docs/reference/errors.md. */
export type MetricQueryErrorCode = 'NEXT_TOKEN_INVALID'

/** A request for metrics cannot be answered. */
export class MetricQueryError extends Error {
  override readonly name = 'MetricQueryError'
  readonly code: MetricQueryErrorCode

  constructor(code: MetricQueryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

type ServiceName = { readonly type: WireErrorName; readonly queryCode: string }

/** Errors that this service calls otherwise than IVS does. */
const NAMES: Partial<Record<WireErrorName, ServiceName>> = {
  InternalServerException: { type: 'InternalServiceFault', queryCode: 'InternalServiceError' },
  ThrottlingException: { type: 'ThrottlingException', queryCode: 'Throttling' },
  ValidationException: { type: 'InvalidParameterValueException', queryCode: 'InvalidParameterValue' },
}

/** The wire form of whatever was thrown. */
export function toMetricError(error: unknown): TargetError {
  if (error instanceof MetricQueryError) {
    return { type: 'InvalidNextToken', queryCode: 'InvalidNextToken', status: 400, message: error.message }
  }
  const wire = toWireError(error)
  const { type, queryCode } = NAMES[wire.type] ?? { type: wire.type, queryCode: wire.type }
  // IVS puts its name in front of the text; this service does not.
  return { type, queryCode, status: wire.status, message: wire.message.slice(wire.type.length + 2) }
}
