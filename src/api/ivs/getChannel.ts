/**
 * GetChannel: one channel, whole.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toChannelShape } from './channel-shape.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'

/** Gets a channel. */
export const getChannel: Operation = defineOperation({
  name: 'GetChannel',
  input: Type.Object({ arn: arnOf('channel') }),
  run: async ({ channels, identity, accountId }, { arn }) => {
    const channel = await channels.get(accountId, arn)
    if (!channel) throw resourceNotFound(arn)
    return { channel: toChannelShape(identity, channel) }
  },
})
