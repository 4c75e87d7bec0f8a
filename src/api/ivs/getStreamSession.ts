/**
 * GetStreamSession: what is remembered of a broadcast, of the newest when none is named.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { CallContext, Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf, streamId } from './members.ts'
import { requireChannel, resourceNotFound } from './refusals.ts'
import { toStreamSessionShape } from './stream-session-shape.ts'

/** Gets a stream session, also one whose channel is gone. */
export const getStreamSession: Operation = defineOperation({
  name: 'GetStreamSession',
  input: Type.Object({ channelArn: arnOf('channel'), streamId: Type.Optional(streamId) }),
  run: async (context, input) => {
    const { streamSessions, identity, accountId } = context
    const session = await streamSessions.get(accountId, input.channelArn, input.streamId)
    if (!session) throw await noSession(context, input.channelArn, input.streamId)
    const events = await streamSessions.events(session.streamId)
    return { streamSession: toStreamSessionShape(identity, session, events) }
  },
})

async function noSession(
  context: CallContext,
  channelArn: string,
  wanted: string | undefined,
): Promise<DomainError> {
  if (wanted !== undefined) return resourceNotFound(wanted)
  await requireChannel(context, channelArn)
  return new DomainError('RESOURCE_NOT_FOUND', `Channel: ${channelArn} has no stream session`)
}
