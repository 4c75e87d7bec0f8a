/**
 * What a playback configuration's document holds, member by member as the contract spells them (reference ssai §2.1).
 *
 * Single values are checked before they get here; what goes together is checked in `playback-configuration-rules.ts`.
 */

/** A JSON document that has passed the check against the contract. */
export type PlaybackConfigurationDocument = Readonly<Record<string, unknown>>

/** How an ad server is asked, and what is made of its answer. */
export type AdDecisionServerConfiguration = {
  readonly HttpRequest?: {
    readonly Method?: 'GET' | 'POST'
    readonly Headers?: Readonly<Record<string, string>>
    readonly Body?: string
    readonly CompressRequest?: 'NONE' | 'GZIP'
  }
  readonly VastResponse?: { readonly AdSequencingMode?: string }
}

/** How long a decision may take; all in milliseconds. */
export type AdsPersonalizationTimeouts = {
  readonly AdsRequestTimeoutMilliseconds?: number
  readonly LiveMaximumAdsPersonalizationTimeMilliseconds?: number
  readonly VodMaximumAdsPersonalizationTimeMilliseconds?: number
  readonly PrefetchAdsRequestTimeoutMilliseconds?: number
  readonly PrefetchMaximumAdsPersonalizationTimeMilliseconds?: number
}

/** Which breaks stay content, by how far they are from the live edge. */
export type AvailSuppression = {
  readonly Mode?: 'OFF' | 'BEHIND_LIVE_EDGE' | 'AFTER_LIVE_EDGE'
  /** `HH:MM:SS`. */
  readonly Value?: string
  readonly FillPolicy?: 'FULL_AVAIL_ONLY' | 'PARTIAL_AVAIL'
}

/** How much of the log is written. */
export type LogConfiguration = {
  readonly PercentEnabled: number
  readonly EnabledLoggingStrategies: readonly string[]
  readonly AdsInteractionLog?: { readonly ExcludeEventTypes?: readonly string[] }
  readonly ManifestServiceInteractionLog?: { readonly ExcludeEventTypes?: readonly string[] }
}

/** The members that a document may have; those that are not named here are only kept and given back. */
export type PlaybackConfigurationMembers = {
  readonly VideoContentSourceUrl: string
  readonly AdDecisionServerUrl: string
  readonly AdDecisionServerConfiguration?: AdDecisionServerConfiguration
  readonly AdsPersonalizationTimeouts?: AdsPersonalizationTimeouts
  readonly AdsPersonalizationConcurrency?: { readonly MaxConcurrentAdsRequests?: number }
  readonly AdConditioningConfiguration?: { readonly StreamingMediaFileConditioning: 'TRANSCODE' | 'NONE' }
  readonly AvailSuppression?: AvailSuppression
  readonly Bumper?: { readonly StartUrl?: string; readonly EndUrl?: string }
  readonly CdnConfiguration?: {
    readonly AdSegmentUrlPrefix?: string
    readonly ContentSegmentUrlPrefix?: string
  }
  readonly ConfigurationAliases?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly DashConfiguration?: { readonly MpdLocation?: string; readonly OriginManifestType?: string }
  readonly InsertionMode?: 'STITCHED_ONLY' | 'PLAYER_SELECT'
  readonly LivePreRollConfiguration?: {
    readonly AdDecisionServerUrl?: string
    readonly MaxDurationSeconds?: number
    readonly AdDecisionServerConfiguration?: Pick<AdDecisionServerConfiguration, 'VastResponse'>
  }
  readonly ManifestProcessingRules?: { readonly AdMarkerPassthrough?: { readonly Enabled?: boolean } }
  readonly PersonalizationThresholdSeconds?: number
  readonly SlateAdUrl?: string
  /** Not put with the rest, but by ConfigureLogsForPlaybackConfiguration. */
  readonly LogConfiguration?: LogConfiguration
}

/** Nothing is logged of single sessions until somebody asks for it. */
export const DEFAULT_LOG_CONFIGURATION: LogConfiguration = {
  PercentEnabled: 0,
  EnabledLoggingStrategies: ['LEGACY_CLOUDWATCH'],
}

/** The members of a document, which has passed the check against the contract when it was put. */
export function membersOf(document: PlaybackConfigurationDocument): PlaybackConfigurationMembers {
  return document as PlaybackConfigurationMembers
}
