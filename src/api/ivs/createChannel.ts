/**
 * CreateChannel: a channel and its one stream key.
 */
import { Type } from 'typebox'
import { newChannel } from '../../domain/channel-rules.ts'
import { DomainError } from '../../domain/errors.ts'
import { newStreamKey } from '../../domain/stream-key-rules.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { channelSettingMembers, toChannelSettings } from './channel-settings.ts'
import { toChannelShape } from './channel-shape.ts'
import { tags } from './members.ts'
import { toStreamKeyShape } from './stream-key-shape.ts'

/** Creates a channel; with GetStreamKey and BatchGetStreamKey the only answer that shows the key's secret. */
export const createChannel: Operation = defineOperation({
  name: 'CreateChannel',
  input: Type.Object({ ...channelSettingMembers, tags: Type.Optional(tags) }),
  run: async ({ channels, identity, limits, clock, accountId }, input) => {
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const channel = newChannel(birth, toChannelSettings(input), input.tags)
    // The tags are the channel's; its first key has none.
    const streamKey = newStreamKey(birth, channel.arn)
    if ((await channels.create(channel, streamKey, limits.channels)) === 'over-limit') {
      throw new DomainError('QUOTA_EXCEEDED', `an account can have ${limits.channels} channels`)
    }
    return { channel: toChannelShape(identity, channel), streamKey: toStreamKeyShape(streamKey) }
  },
})
