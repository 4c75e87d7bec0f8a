/**
 * CreateAdConfiguration: where the ads of channels come from.
 */
import { Type } from 'typebox'
import { newAdConfiguration } from '../../domain/ad-configuration.ts'
import { DomainError } from '../../domain/errors.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import {
  adConfigurationName,
  arnsOf,
  playbackConfigurationList,
  postRollConfiguration,
  requirePlaybackConfigurations,
  toAdConfigurationSettings,
} from './ad-configuration-settings.ts'
import { toAdConfigurationShape } from './ad-configuration-shape.ts'
import { tags } from './members.ts'

/** Creates an ad configuration. */
export const createAdConfiguration: Operation = defineOperation({
  name: 'CreateAdConfiguration',
  input: Type.Object({
    name: adConfigurationName,
    mediaTailorPlaybackConfigurations: playbackConfigurationList,
    postRollConfiguration,
    tags: Type.Optional(tags),
  }),
  run: async (context, input) => {
    const { adConfigurations, identity, limits, clock, accountId } = context
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const playbackConfigurationArns = arnsOf(input.mediaTailorPlaybackConfigurations)
    const settings = { ...toAdConfigurationSettings(input), playbackConfigurationArns }
    const configuration = newAdConfiguration(birth, settings, input.tags)
    await requirePlaybackConfigurations(context, playbackConfigurationArns)
    const limit = limits.adConfigurations
    if ((await adConfigurations.create(configuration, limit)) === 'over-limit') {
      throw new DomainError('QUOTA_EXCEEDED', `an account can have ${limit} ad configurations`)
    }
    return { adConfiguration: toAdConfigurationShape(configuration) }
  },
})
