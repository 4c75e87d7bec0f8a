/**
 * StartViewerSessionRevocation: takes a viewer's right to watch a channel away.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { requireChannel } from './refusals.ts'
import { toRevocation, viewerSessionMembers } from './viewer-session.ts'

/** Revokes the sessions of a viewer, also of one who never watched. */
export const startViewerSessionRevocation: Operation = defineOperation({
  name: 'StartViewerSessionRevocation',
  input: Type.Object(viewerSessionMembers),
  run: async (context, input) => {
    await requireChannel(context, input.channelArn)
    await context.revocations.add([toRevocation(context, input)])
    return {}
  },
})
