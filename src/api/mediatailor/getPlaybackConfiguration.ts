/**
 * GetPlaybackConfiguration: one playback configuration, by its name.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { name } from './members.ts'
import { toPlaybackConfigurationShape } from './playback-configuration-shape.ts'
import { configurationNotFound } from './refusals.ts'

/** Gets a playback configuration. */
export const getPlaybackConfiguration: Operation = defineOperation({
  name: 'GetPlaybackConfiguration',
  method: 'GET',
  path: '/playbackConfiguration/{Name}',
  input: Type.Object({ Name: name }),
  run: async ({ playbackConfigurations, identity, accountId }, { Name }) => {
    const configuration = await playbackConfigurations.get(accountId, Name)
    if (!configuration) throw configurationNotFound(Name)
    return toPlaybackConfigurationShape(identity, configuration)
  },
})
