/**
 * What CreateChannel and UpdateChannel take alike.
 */
import { Type } from 'typebox'
import type { Static, TBoolean, TObject, TOptional, TString, TUnsafe } from 'typebox'
import type { ChannelType, ContainerFormat, LatencyMode, MultitrackInput } from '../../domain/channel.ts'
import type { TranscodePreset } from '../../domain/channel.ts'
import type { ChannelSettings } from '../../domain/channel-rules.ts'
import {
  arnOrNone,
  channelType,
  containerFormat,
  flag,
  latencyMode,
  multitrackPolicy,
  multitrackResolution,
  preset,
  resourceName,
} from './members.ts'
import { pickMembers } from './pick-members.ts'

type ChannelSettingMembers = {
  name: TOptional<TString>
  latencyMode: TOptional<TUnsafe<LatencyMode>>
  type: TOptional<TUnsafe<ChannelType>>
  authorized: TOptional<TBoolean>
  recordingConfigurationArn: TOptional<TString>
  insecureIngest: TOptional<TBoolean>
  preset: TOptional<TUnsafe<Exclude<TranscodePreset, ''>>>
  playbackRestrictionPolicyArn: TOptional<TString>
  multitrackInputConfiguration: TOptional<
    TObject<{
      enabled: TOptional<TBoolean>
      policy: TOptional<TUnsafe<MultitrackInput['policy']>>
      maximumResolution: TOptional<TUnsafe<MultitrackInput['maximumResolution']>>
    }>
  >
  containerFormat: TOptional<TUnsafe<ContainerFormat>>
  adConfigurationArn: TOptional<TString>
}

/** Schemas of the settings, all optional. */
export const channelSettingMembers: ChannelSettingMembers = {
  name: Type.Optional(resourceName),
  latencyMode: Type.Optional(latencyMode),
  type: Type.Optional(channelType),
  authorized: Type.Optional(flag),
  recordingConfigurationArn: Type.Optional(arnOrNone('recording-configuration')),
  insecureIngest: Type.Optional(flag),
  preset: Type.Optional(preset),
  playbackRestrictionPolicyArn: Type.Optional(arnOrNone('playback-restriction-policy')),
  multitrackInputConfiguration: Type.Optional(
    Type.Object({
      enabled: Type.Optional(flag),
      policy: Type.Optional(multitrackPolicy),
      maximumResolution: Type.Optional(multitrackResolution),
    }),
  ),
  containerFormat: Type.Optional(containerFormat),
  adConfigurationArn: Type.Optional(arnOrNone('ad-configuration')),
}

const SAME_NAME = [
  'name',
  'latencyMode',
  'type',
  'authorized',
  'recordingConfigurationArn',
  'insecureIngest',
  'preset',
  'playbackRestrictionPolicyArn',
  'containerFormat',
  'adConfigurationArn',
] as const satisfies readonly (keyof ChannelSettings)[]

const MULTITRACK_MEMBERS = ['enabled', 'policy', 'maximumResolution'] as const

/** The settings in a request, and nothing else of it: unknown members stay behind. */
export function toChannelSettings(input: Static<TObject<ChannelSettingMembers>>): ChannelSettings {
  const settings = pickMembers(input, SAME_NAME)
  const multitrack = input.multitrackInputConfiguration
  return multitrack ? { ...settings, multitrackInput: pickMembers(multitrack, MULTITRACK_MEMBERS) } : settings
}
