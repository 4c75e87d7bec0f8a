/**
 * A channel: the durable settings that one broadcast at a time runs on (reference ivs-api §8, Channel).
 */

/** Tags of a resource. */
export type Tags = Readonly<Record<string, string>>

/** `LOW` turns on the low-latency forms of the playlist. */
export type LatencyMode = 'NORMAL' | 'LOW'

/** How the input is processed. */
export type ChannelType = 'BASIC' | 'STANDARD' | 'ADVANCED_SD' | 'ADVANCED_HD'

/** Transcode preset; empty for types that have none. */
export type TranscodePreset = '' | 'HIGHER_BANDWIDTH_DELIVERY' | 'CONSTRAINED_BANDWIDTH_DELIVERY'

/** Container of the live segments. */
export type ContainerFormat = 'TS' | 'FRAGMENTED_MP4'

/** Whether and how several tracks may be published. */
export type MultitrackInput = {
  readonly enabled: boolean
  readonly policy: 'ALLOW' | 'REQUIRE'
  readonly maximumResolution: 'SD' | 'HD' | 'FULL_HD'
}

/** A channel as it is kept. Addresses that depend on where the server is reached are added when it is shown. */
export type Channel = {
  readonly arn: string
  readonly accountId: string
  /** Last part of the ARN. */
  readonly id: string
  readonly name: string
  readonly latencyMode: LatencyMode
  readonly type: ChannelType
  readonly preset: TranscodePreset
  readonly authorized: boolean
  readonly insecureIngest: boolean
  readonly containerFormat: ContainerFormat
  readonly multitrackInput: MultitrackInput
  readonly recordingConfigurationArn: string
  readonly playbackRestrictionPolicyArn: string
  readonly adConfigurationArn: string
  /** SRT encryption passphrase; secret. */
  readonly srtPassphrase: string
  readonly tags: Tags
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
}

/** What lists of channels show, without secrets. */
export type ChannelSummary = Omit<
  Channel,
  'accountId' | 'id' | 'containerFormat' | 'multitrackInput' | 'srtPassphrase'
>

/** A secret that lets a publisher use a channel. */
export type StreamKey = {
  readonly arn: string
  readonly accountId: string
  readonly channelArn: string
  /** The secret itself; never logged. */
  readonly value: string
  readonly tags: Tags
  readonly createdAtMs: number
}
