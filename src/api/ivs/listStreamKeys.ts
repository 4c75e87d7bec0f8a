/**
 * ListStreamKeys: the keys of a channel, without their secrets.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { listPage } from './list-page.ts'
import { arnOf, maxResults, nextToken } from './members.ts'
import { requireChannel } from './refusals.ts'
import { toStreamKeySummary } from './stream-key-shape.ts'

const MAX_RESULTS = 50
const DEFAULT_MAX_RESULTS = 1

/** Lists stream keys. */
export const listStreamKeys: Operation = defineOperation({
  name: 'ListStreamKeys',
  input: Type.Object({
    channelArn: arnOf('channel'),
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const { channelArn } = input
    await requireChannel(context, channelArn)
    const filter = { channelArn }
    const call = { operation: 'ListStreamKeys', filter, input, defaultMaxResults: DEFAULT_MAX_RESULTS }
    const page = await listPage(context, call, (request) =>
      context.streamKeys.listByChannel(context.accountId, channelArn, request),
    )
    return { streamKeys: page.items.map(toStreamKeySummary), ...page.continuation }
  },
})
