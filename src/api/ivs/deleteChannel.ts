/**
 * DeleteChannel: removes a channel and its stream keys, while nothing is live on it.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { channelIsLive, requireChannel, resourceNotFound } from './refusals.ts'

/** Deletes a channel. */
export const deleteChannel: Operation = defineOperation({
  name: 'DeleteChannel',
  status: 204,
  input: Type.Object({ arn: arnOf('channel') }),
  run: async (context, { arn }) => {
    await requireChannel(context, arn)
    if (context.live.isHeld(arn)) throw channelIsLive(arn)
    if (!(await context.channels.delete(context.accountId, arn))) throw resourceNotFound(arn)
    // A publisher whose key was read before the delete may have come in meanwhile.
    context.control.stop(arn)
    return undefined
  },
})
