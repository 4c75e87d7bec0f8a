/**
 * GetStream: what is live on a channel now.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { requireStream } from './refusals.ts'
import { toStreamShape } from './stream-shape.ts'

/** Gets the stream of a channel; an offline channel has none. */
export const getStream: Operation = defineOperation({
  name: 'GetStream',
  input: Type.Object({ channelArn: arnOf('channel') }),
  run: async (context, { channelArn }) => {
    const stream = await requireStream(context, channelArn)
    return { stream: toStreamShape(context.identity, stream) }
  },
})
