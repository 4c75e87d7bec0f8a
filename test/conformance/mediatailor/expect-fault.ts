/**
 * What a MediaTailor client sees of a refused call.
 */
import { MediaTailorServiceException } from '@aws-sdk/client-mediatailor'
import { expect } from 'vitest'

/** A refusal: the SDK's error name, the status, and what the message says. */
export type Fault = { readonly name: string; readonly status: number; readonly says: string }

/** Waits for the call and checks that the SDK raised exactly this error. */
export async function expectFault(call: Promise<unknown>, { name, status, says }: Fault): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof MediaTailorServiceException)) throw new Error(`not refused: ${String(error)}`)
  expect({ name: error.name, status: error.$metadata.httpStatusCode }).toEqual({ name, status })
  expect(error.message || String((error as { Message?: string }).Message)).toContain(says)
  expect(error.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
}

/** The refusal of what is not there. */
export function notFound(says: string): Fault {
  return { name: 'NotFoundException', status: 404, says }
}

/** The refusal of a request that breaks a limit or rule. */
export function badRequest(says: string): Fault {
  return { name: 'BadRequestException', status: 400, says }
}

/** The refusal of what does not go with what is there. */
export function conflict(says: string): Fault {
  return { name: 'ConflictException', status: 409, says }
}
