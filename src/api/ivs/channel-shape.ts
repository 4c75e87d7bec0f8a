/**
 * Channels as answers show them (reference ivs-api §8, Channel and ChannelSummary).
 */
import type { Channel, ChannelSummary } from '../../domain/channel.ts'
import { playbackUrl } from '../../domain/service-identity.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'

/** A channel in a list. */
export type ChannelSummaryShape = Omit<ChannelSummary, 'createdAtMs'>

/** A channel by itself: every member is there. */
export type ChannelShape = ChannelSummaryShape & {
  readonly ingestEndpoint: string
  readonly playbackUrl: string
  readonly srt: { readonly endpoint: string; readonly passphrase: string }
  readonly multitrackInputConfiguration: Channel['multitrackInput']
  readonly containerFormat: Channel['containerFormat']
}

/** Shows a channel whole, its SRT passphrase included. */
export function toChannelShape(identity: ServiceIdentity, channel: Channel): ChannelShape {
  return {
    ...toChannelSummary(channel),
    ingestEndpoint: identity.ingestHost,
    playbackUrl: playbackUrl(identity, channel),
    srt: { endpoint: identity.ingestHost, passphrase: channel.srtPassphrase },
    multitrackInputConfiguration: channel.multitrackInput,
    containerFormat: channel.containerFormat,
  }
}

/** Shows a channel in a list. */
export function toChannelSummary(channel: ChannelSummary): ChannelSummaryShape {
  return {
    arn: channel.arn,
    name: channel.name,
    latencyMode: channel.latencyMode,
    type: channel.type,
    preset: channel.preset,
    authorized: channel.authorized,
    insecureIngest: channel.insecureIngest,
    recordingConfigurationArn: channel.recordingConfigurationArn,
    playbackRestrictionPolicyArn: channel.playbackRestrictionPolicyArn,
    adConfigurationArn: channel.adConfigurationArn,
    tags: channel.tags,
  }
}
