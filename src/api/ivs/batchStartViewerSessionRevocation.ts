/**
 * BatchStartViewerSessionRevocation: up to 20 revocations at once.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceNotFound } from './refusals.ts'
import { toRevocation, viewerSessionMembers } from './viewer-session.ts'

const MAX_SESSIONS = 20

/** Revokes the sessions on channels that exist, all or none, and says which channels do not. */
export const batchStartViewerSessionRevocation: Operation = defineOperation({
  name: 'BatchStartViewerSessionRevocation',
  securityHeaders: true,
  input: Type.Object({
    viewerSessions: Type.Array(Type.Object(viewerSessionMembers), { minItems: 1, maxItems: MAX_SESSIONS }),
  }),
  run: async (context, { viewerSessions }) => {
    const arns = viewerSessions.map((session) => session.channelArn)
    const channels = await context.channels.getMany(context.accountId, arns)
    const known = new Set(channels.map((channel) => channel.arn))
    const accepted = viewerSessions.filter((session) => known.has(session.channelArn))
    await context.revocations.add(accepted.map((session) => toRevocation(context, session)))
    const refused = viewerSessions.filter((session) => !known.has(session.channelArn))
    return {
      errors: refused.map(({ channelArn, viewerId }) => ({
        channelArn,
        viewerId,
        code: '404',
        message: resourceNotFound(channelArn).message,
      })),
    }
  },
})
