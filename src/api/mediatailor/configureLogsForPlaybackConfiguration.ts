/**
 * ConfigureLogsForPlaybackConfiguration: how many sessions are logged, and which events of them.
 */
import { Type } from 'typebox'
import type { LogConfiguration } from '../../domain/playback-configuration-document.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { oneOf } from '../ivs/members.ts'
import { knownMembers } from './known-members.ts'
import { ADS_EVENTS, MANIFEST_EVENTS, OPT_IN_ADS_EVENTS } from './log-events.ts'
import { name, someOf, whole } from './members.ts'
import { configurationNotFound } from './refusals.ts'

const FULL_PERCENT = 100
const DEFAULT_STRATEGIES = ['LEGACY_CLOUDWATCH']

const logMembers = {
  PercentEnabled: whole(0, FULL_PERCENT),
  EnabledLoggingStrategies: Type.Optional(
    Type.Array(oneOf(['LEGACY_CLOUDWATCH', 'VENDED_LOGS']), { maxItems: 2 }),
  ),
  AdsInteractionLog: Type.Optional(
    Type.Object({
      PublishOptInEventTypes: Type.Optional(someOf(OPT_IN_ADS_EVENTS)),
      ExcludeEventTypes: Type.Optional(someOf(ADS_EVENTS)),
    }),
  ),
  ManifestServiceInteractionLog: Type.Optional(
    Type.Object({ ExcludeEventTypes: Type.Optional(someOf(MANIFEST_EVENTS)) }),
  ),
}
const logConfiguration = Type.Object(logMembers)

/** Configures the log of a playback configuration; what it replaces is gone whole. */
export const configureLogsForPlaybackConfiguration: Operation = defineOperation({
  name: 'ConfigureLogsForPlaybackConfiguration',
  method: 'PUT',
  path: '/configureLogs/playbackConfiguration',
  input: Type.Object({ PlaybackConfigurationName: name, ...logMembers }),
  run: async ({ playbackConfigurations, accountId }, input) => {
    const { PlaybackConfigurationName } = input
    const LogConfiguration = {
      PercentEnabled: input.PercentEnabled,
      EnabledLoggingStrategies: DEFAULT_STRATEGIES,
      ...knownMembers(logConfiguration, input),
    } satisfies LogConfiguration
    const updated = await playbackConfigurations.update(accountId, PlaybackConfigurationName, (stored) => ({
      ...stored,
      document: { ...stored.document, LogConfiguration },
    }))
    if (!updated) throw configurationNotFound(PlaybackConfigurationName)
    return { PlaybackConfigurationName, ...LogConfiguration }
  },
})
