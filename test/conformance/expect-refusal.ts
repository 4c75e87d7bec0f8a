/**
 * What a client sees of a refused call.
 */
import { expect } from 'vitest'
import { IvsServiceException } from '@aws-sdk/client-ivs'

/** A refusal: the SDK's error name, the status, and what the message says. */
export type Refusal = {
  readonly name: string
  readonly status: number
  /** Part of the message, after the name. */
  readonly says?: string
  /** Whether the contract models this error; of others SDKs show less. */
  readonly modelled?: false
}

/** Waits for the call and checks that the SDK raised exactly this error, with every modelled header. */
export async function expectRefusal(call: Promise<unknown>, refusal: Refusal): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof IvsServiceException)) throw new Error(`not refused by the service: ${String(error)}`)
  expect({ name: error.name, status: error.$metadata.httpStatusCode }).toEqual({
    name: refusal.name,
    status: refusal.status,
  })
  expect(error.message.startsWith(`${refusal.name}: `)).toBe(true)
  expect(error.message).toContain(refusal.says ?? '')
  expect(error.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  if (refusal.modelled === false) return
  expect(error).toMatchObject({
    xAmznErrorType: refusal.name,
    exceptionMessage: error.message,
    accessControlAllowOrigin: '*',
    xContentTypeOptions: 'nosniff',
    xFrameOptions: 'DENY',
  })
}

/** The refusal of a resource that is not there. */
export function notFound(arn: string): Refusal {
  return { name: 'ResourceNotFoundException', status: 404, says: `Resource: ${arn} not found` }
}

/** The refusal of a request that breaks a constraint. */
export function invalid(says: string): Refusal {
  return { name: 'ValidationException', status: 400, says }
}
