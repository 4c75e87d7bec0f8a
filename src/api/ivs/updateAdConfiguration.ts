/**
 * UpdateAdConfiguration: changes what is given.
 */
import { Type } from 'typebox'
import { changeAdConfiguration } from '../../domain/ad-configuration.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import {
  adConfigurationName,
  playbackConfigurationList,
  postRollConfiguration,
  requirePlaybackConfigurations,
  toAdConfigurationSettings,
} from './ad-configuration-settings.ts'
import { toAdConfigurationShape } from './ad-configuration-shape.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'

/** Updates an ad configuration, also while channels use it. */
export const updateAdConfiguration: Operation = defineOperation({
  name: 'UpdateAdConfiguration',
  input: Type.Object({
    arn: arnOf('ad-configuration'),
    name: adConfigurationName,
    mediaTailorPlaybackConfigurations: Type.Optional(playbackConfigurationList),
    postRollConfiguration,
  }),
  run: async (context, input) => {
    const { adConfigurations, accountId } = context
    const settings = toAdConfigurationSettings(input)
    await requirePlaybackConfigurations(context, settings.playbackConfigurationArns)
    const configuration = await adConfigurations.update(accountId, input.arn, (stored) =>
      changeAdConfiguration(stored, settings),
    )
    if (!configuration) throw resourceNotFound(input.arn)
    return { adConfiguration: toAdConfigurationShape(configuration) }
  },
})
