/**
 * Playback configurations as answers show them (reference ssai §2.2).
 */
import { DEFAULT_LOG_CONFIGURATION, membersOf } from '../../domain/playback-configuration-document.ts'
import type { PlaybackConfigurationMembers } from '../../domain/playback-configuration-document.ts'
import type { PlaybackConfiguration } from '../../domain/playback-configuration.ts'
import { playbackEndpoints } from '../../domain/playback-endpoints.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'

/** What a member is that was not put. */
const DEFAULTS = {
  AdConditioningConfiguration: { StreamingMediaFileConditioning: 'TRANSCODE' },
  Bumper: {},
  CdnConfiguration: {},
  ConfigurationAliases: {},
  InsertionMode: 'STITCHED_ONLY',
  LivePreRollConfiguration: {},
}

/** Shows a configuration: what was put, the defaults of the rest, and where it is played. */
export function toPlaybackConfigurationShape(
  identity: ServiceIdentity,
  configuration: PlaybackConfiguration,
): Readonly<Record<string, unknown>> {
  const { name, arn, document, tags } = configuration
  const { publicUrl } = identity
  const members = membersOf(document)
  const { hls, dash, session } = playbackEndpoints(identity, configuration)
  return {
    ...DEFAULTS,
    ...document,
    ...withInnerDefaults(members),
    Name: name,
    PlaybackConfigurationArn: arn,
    PlaybackEndpointPrefix: publicUrl,
    // One address serves both kinds of network here.
    DualStackPlaybackEndpointPrefix: publicUrl,
    SessionInitializationEndpointPrefix: session,
    DualStackSessionInitializationEndpointPrefix: session,
    HlsConfiguration: { ManifestEndpointPrefix: hls, DualStackManifestEndpointPrefix: hls },
    DashConfiguration: {
      MpdLocation: 'EMT_DEFAULT',
      OriginManifestType: 'MULTI_PERIOD',
      ...members.DashConfiguration,
      ManifestEndpointPrefix: dash,
      DualStackManifestEndpointPrefix: dash,
    },
    LogConfiguration: members.LogConfiguration ?? DEFAULT_LOG_CONFIGURATION,
    tags,
  }
}

function withInnerDefaults(members: PlaybackConfigurationMembers): Readonly<Record<string, unknown>> {
  const { Enabled = false } = members.ManifestProcessingRules?.AdMarkerPassthrough ?? {}
  return {
    AvailSuppression: { Mode: 'OFF', ...members.AvailSuppression },
    ManifestProcessingRules: { AdMarkerPassthrough: { Enabled } },
  }
}
