/**
 * BatchGetChannel: up to 50 channels at once.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toChannelShape } from './channel-shape.ts'
import { arnBatch } from './members.ts'
import { batchErrors } from './refusals.ts'

/** Gets the channels that exist, in the order asked for, and says which do not. */
export const batchGetChannel: Operation = defineOperation({
  name: 'BatchGetChannel',
  securityHeaders: true,
  input: Type.Object({ arns: arnBatch('channel') }),
  run: async ({ channels, identity, accountId }, { arns }) => {
    const found = await channels.getMany(accountId, arns)
    return {
      channels: found.map((channel) => toChannelShape(identity, channel)),
      errors: batchErrors(arns, found),
    }
  },
})
