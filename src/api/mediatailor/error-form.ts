/**
 * Errors as the clients of this service read them: the header, and `{"Message": …}` (reference ssai §2).
 *
 * The contract models only BadRequestException; the other names are those of the service's data plane and the common ones.
 */
import { toWireError } from '../aws/error-response.ts'
import type { ErrorForm, WireError, WireErrorName } from '../aws/error-response.ts'

const NAMES: Partial<Record<WireErrorName, Pick<WireError, 'type' | 'status'>>> = {
  InternalServerException: { type: 'InternalFailure', status: 500 },
  ResourceNotFoundException: { type: 'NotFoundException', status: 404 },
  ServiceQuotaExceededException: { type: 'BadRequestException', status: 400 },
  ValidationException: { type: 'BadRequestException', status: 400 },
}

/** The form of all errors of the service. */
export const mediaTailorErrors: ErrorForm = {
  toError: (error) => {
    const wire = toWireError(error)
    // IVS puts its name in front of the text; this service does not.
    const message = wire.message.slice(wire.type.length + 2)
    return { type: wire.type, status: wire.status, ...NAMES[wire.type], message }
  },
  bodyOf: ({ message }) => ({ Message: message }),
}
