/**
 * InsertAdBreak: a break for ads in a live stream, one at a time.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { notBroadcasting, requireChannel } from './refusals.ts'

const MAX_DURATION_SECONDS = 300

/** Begins an ad break. */
export const insertAdBreak: Operation = defineOperation({
  name: 'InsertAdBreak',
  input: Type.Object({
    channelArn: arnOf('channel'),
    durationSeconds: Type.Integer({ minimum: 1, maximum: MAX_DURATION_SECONDS }),
  }),
  run: async (context, { channelArn, durationSeconds }) => {
    const channel = await requireChannel(context, channelArn)
    if (!context.live.get(channelArn)) throw notBroadcasting(channelArn)
    if (channel.adConfigurationArn === '') {
      throw new DomainError('VALIDATION', `channelArn must be of a channel with an ad configuration`)
    }
    const outcome = context.control.insertAdBreak(channelArn, durationSeconds)
    if (outcome.kind === 'inserted') return { adBreakId: outcome.adBreak.id }
    if (outcome.reason === 'not-live') throw notBroadcasting(channelArn)
    throw new DomainError('CONFLICT', `Channel: ${channelArn} has an ad break running; wait for its end`)
  },
})
