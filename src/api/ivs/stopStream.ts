/**
 * StopStream: ends the broadcast on a channel and disconnects its encoder.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { notBroadcasting, requireChannel } from './refusals.ts'

/** Stops a stream, also one that no player can see yet. */
export const stopStream: Operation = defineOperation({
  name: 'StopStream',
  input: Type.Object({ channelArn: arnOf('channel') }),
  run: async (context, { channelArn }) => {
    await requireChannel(context, channelArn)
    if (!context.control.stop(channelArn)) throw notBroadcasting(channelArn)
    return {}
  },
})
