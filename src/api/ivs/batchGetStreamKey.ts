/**
 * BatchGetStreamKey: up to 50 stream keys at once, with their secrets.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnBatch } from './members.ts'
import { batchErrors } from './refusals.ts'
import { toStreamKeyShape } from './stream-key-shape.ts'

/** Gets the stream keys that exist, in the order asked for, and says which do not. */
export const batchGetStreamKey: Operation = defineOperation({
  name: 'BatchGetStreamKey',
  securityHeaders: true,
  input: Type.Object({ arns: arnBatch('stream-key') }),
  run: async ({ streamKeys, accountId }, { arns }) => {
    const found = await streamKeys.getMany(accountId, arns)
    return { streamKeys: found.map(toStreamKeyShape), errors: batchErrors(arns, found) }
  },
})
