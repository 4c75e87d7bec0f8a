/**
 * UpdateChannel: changes the settings that are given, while nothing is live on the channel.
 */
import { Type } from 'typebox'
import { changeChannel } from '../../domain/channel-rules.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { channelSettingMembers, toChannelSettings } from './channel-settings.ts'
import { toChannelShape } from './channel-shape.ts'
import { arnOf } from './members.ts'
import { channelIsLive, resourceNotFound } from './refusals.ts'

/** Updates a channel. */
export const updateChannel: Operation = defineOperation({
  name: 'UpdateChannel',
  input: Type.Object({ ...channelSettingMembers, arn: arnOf('channel') }),
  run: async ({ channels, live, identity, accountId }, input) => {
    const settings = toChannelSettings(input)
    const channel = await channels.update(accountId, input.arn, (stored) => {
      const changed = changeChannel(stored, settings)
      if (live.isHeld(input.arn)) throw channelIsLive(input.arn)
      return changed
    })
    if (!channel) throw resourceNotFound(input.arn)
    return { channel: toChannelShape(identity, channel) }
  },
})
