/**
 * GetStreamKey: one stream key with its secret.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'
import { toStreamKeyShape } from './stream-key-shape.ts'

/** Gets a stream key. */
export const getStreamKey: Operation = defineOperation({
  name: 'GetStreamKey',
  input: Type.Object({ arn: arnOf('stream-key') }),
  run: async ({ streamKeys, accountId }, { arn }) => {
    const streamKey = await streamKeys.get(accountId, arn)
    if (!streamKey) throw resourceNotFound(arn)
    return { streamKey: toStreamKeyShape(streamKey) }
  },
})
