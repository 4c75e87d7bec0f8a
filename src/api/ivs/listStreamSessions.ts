/**
 * ListStreamSessions: the broadcasts of a channel in the last 60 days, newest first.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { listPage } from './list-page.ts'
import { arnOf, maxResults, nextToken } from './members.ts'
import { requireChannel } from './refusals.ts'
import { toStreamSessionSummary } from './stream-session-shape.ts'

const MAX_RESULTS = 100

/** Lists stream sessions, also those of a channel that is gone. */
export const listStreamSessions: Operation = defineOperation({
  name: 'ListStreamSessions',
  input: Type.Object({
    channelArn: arnOf('channel'),
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const { channelArn } = input
    const filter = { channelArn }
    const call = { operation: 'ListStreamSessions', filter, input, defaultMaxResults: MAX_RESULTS }
    const page = await listPage(context, call, (request) =>
      context.streamSessions.list(context.accountId, channelArn, request),
    )
    // Sessions outlive their channel; without any it must be told from one that never was.
    if (page.items.length === 0) await requireChannel(context, channelArn)
    return { streamSessions: page.items.map(toStreamSessionSummary), ...page.continuation }
  },
})
