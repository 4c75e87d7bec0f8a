/**
 * CreateStreamKey: a new key for a channel that has none.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { newStreamKey } from '../../domain/stream-key-rules.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf, tags } from './members.ts'
import { resourceNotFound } from './refusals.ts'
import { toStreamKeyShape } from './stream-key-shape.ts'

/** Creates a stream key. */
export const createStreamKey: Operation = defineOperation({
  name: 'CreateStreamKey',
  input: Type.Object({ channelArn: arnOf('channel'), tags: Type.Optional(tags) }),
  run: async ({ streamKeys, identity, limits, clock, accountId }, { channelArn, tags: keyTags }) => {
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const streamKey = newStreamKey(birth, channelArn, keyTags)
    const outcome = await streamKeys.create(streamKey, limits.streamKeysPerChannel)
    if (outcome === 'no-channel') throw resourceNotFound(channelArn)
    if (outcome === 'over-limit') {
      throw new DomainError(
        'QUOTA_EXCEEDED',
        `a channel can have ${limits.streamKeysPerChannel} stream key; delete the one it has first`,
      )
    }
    return { streamKey: toStreamKeyShape(streamKey) }
  },
})
