/**
 * Playback configurations, as AWS Elemental MediaTailor has them: where ads come from and how they are asked for
 * (reference ssai §2).
 */
import type { Tags } from './channel.ts'
import { DEFAULT_LOG_CONFIGURATION, membersOf } from './playback-configuration-document.ts'
import type {
  AvailSuppression,
  PlaybackConfigurationDocument,
  PlaybackConfigurationMembers,
} from './playback-configuration-document.ts'

/** A configuration. It is known by its name, and putting it again replaces it. */
export type PlaybackConfiguration = {
  readonly arn: string
  readonly accountId: string
  readonly name: string
  readonly tags: Tags
  readonly createdAtMs: number
  /** What was put, in the contract's own members: all of it is given back (reference ssai §2.1). */
  readonly document: PlaybackConfigurationDocument
}

/** Which ads of a response are played (reference ssai §3.4). */
export type AdSequencing = 'ignore' | 'follow'

/** What of a configuration the ad side acts on, with every default filled in. */
export type AdSettings = {
  readonly configurationName: string
  /** Template of the ad request. */
  readonly adDecisionServerUrl: string
  readonly httpRequest: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly compress: 'NONE' | 'GZIP'
  }
  readonly sequencing: AdSequencing
  /** Of one request, and of all that belong to one decision, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly totalTimeoutMs: number
  /** How many requests of one decision are open at once; default is the decision's own bound. */
  readonly maxConcurrentRequests?: number | undefined
  /** Whether streaming files are preferred to progressive ones. */
  readonly prefersStreaming: boolean
  readonly slateUrl: string | undefined
  readonly bumperStartUrl: string | undefined
  readonly bumperEndUrl: string | undefined
  /** Unfilled seconds above which the whole break stays content; only with a slate. */
  readonly personalizationThresholdSeconds: number | undefined
  readonly suppression: {
    readonly mode: 'OFF' | 'BEHIND_LIVE_EDGE' | 'AFTER_LIVE_EDGE'
    readonly valueSeconds: number
    readonly fillPolicy: 'FULL_AVAIL_ONLY' | 'PARTIAL_AVAIL'
  }
  /** By variable, then by alias. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Share of sessions that are logged, 0 to 100. */
  readonly logPercent: number
  /** Kinds of events that are not logged; default none. */
  readonly excludedLogEvents?: readonly string[]
  /** Of those about what players ask for; default none. */
  readonly excludedManifestLogEvents?: readonly string[]
  /** How ads are asked for ahead of any break: the same with other times; undefined for ads before a stream. */
  readonly prefetch?: AdSettings | undefined
  /** How ads before a stream are asked for; undefined when there are none. */
  readonly preRoll?: AdSettings | undefined
}

const DEFAULT_REQUEST_TIMEOUT_MS = 3000
const DEFAULT_TOTAL_TIMEOUT_MS = 10_000
/** The longest that can be set. */
const DEFAULT_PREFETCH_TOTAL_TIMEOUT_MS = 10_000
/** As long as a break may be. */
const MAX_PRE_ROLL_SECONDS = 300

/** The settings of a configuration, with every default filled in. */
export function adSettingsOf(configuration: PlaybackConfiguration): AdSettings {
  const settings = breakSettingsOf(configuration)
  const members = membersOf(configuration.document)
  return {
    ...settings,
    prefetch: prefetchSettingsOf(settings, members),
    preRoll: preRollSettingsOf(settings, members),
  }
}

function prefetchSettingsOf(
  settings: AdSettings,
  { AdsPersonalizationTimeouts: timeouts = {} }: PlaybackConfigurationMembers,
): AdSettings {
  return {
    ...settings,
    requestTimeoutMs: timeouts.PrefetchAdsRequestTimeoutMilliseconds ?? settings.requestTimeoutMs,
    totalTimeoutMs:
      timeouts.PrefetchMaximumAdsPersonalizationTimeMilliseconds ?? DEFAULT_PREFETCH_TOTAL_TIMEOUT_MS,
  }
}

/** Longest break before a stream; undefined when the configuration has none. */
export function preRollSecondsOf({
  LivePreRollConfiguration: preRoll = {},
}: PlaybackConfigurationMembers): number | undefined {
  const seconds = Math.min(preRoll.MaxDurationSeconds ?? MAX_PRE_ROLL_SECONDS, MAX_PRE_ROLL_SECONDS)
  return given(preRoll.AdDecisionServerUrl) === undefined || seconds === 0 ? undefined : seconds
}

/** Ads alone: slate, bumpers and suppression are for breaks (reference ssai §3.4). */
function preRollSettingsOf(
  settings: AdSettings,
  members: PlaybackConfigurationMembers,
): AdSettings | undefined {
  if (preRollSecondsOf(members) === undefined) return undefined
  const { AdDecisionServerUrl = '', AdDecisionServerConfiguration } = members.LivePreRollConfiguration ?? {}
  return {
    ...settings,
    adDecisionServerUrl: AdDecisionServerUrl,
    httpRequest: httpRequestOf({}),
    sequencing: sequencingOf(AdDecisionServerConfiguration?.VastResponse?.AdSequencingMode),
    slateUrl: undefined,
    bumperStartUrl: undefined,
    bumperEndUrl: undefined,
    personalizationThresholdSeconds: undefined,
    suppression: suppressionOf(),
  }
}

function breakSettingsOf(configuration: PlaybackConfiguration): AdSettings {
  const members = membersOf(configuration.document)
  const { AdsPersonalizationTimeouts: timeouts = {}, LogConfiguration = DEFAULT_LOG_CONFIGURATION } = members
  return {
    configurationName: configuration.name,
    adDecisionServerUrl: members.AdDecisionServerUrl,
    httpRequest: httpRequestOf(members),
    sequencing: sequencingOf(members.AdDecisionServerConfiguration?.VastResponse?.AdSequencingMode),
    requestTimeoutMs: timeouts.AdsRequestTimeoutMilliseconds ?? DEFAULT_REQUEST_TIMEOUT_MS,
    totalTimeoutMs: timeouts.LiveMaximumAdsPersonalizationTimeMilliseconds ?? DEFAULT_TOTAL_TIMEOUT_MS,
    maxConcurrentRequests: members.AdsPersonalizationConcurrency?.MaxConcurrentAdsRequests,
    prefersStreaming: members.AdConditioningConfiguration?.StreamingMediaFileConditioning === 'NONE',
    slateUrl: given(members.SlateAdUrl),
    bumperStartUrl: given(members.Bumper?.StartUrl),
    bumperEndUrl: given(members.Bumper?.EndUrl),
    personalizationThresholdSeconds: members.PersonalizationThresholdSeconds,
    suppression: suppressionOf(members.AvailSuppression),
    aliases: members.ConfigurationAliases ?? {},
    logPercent: LogConfiguration.PercentEnabled,
    excludedLogEvents: LogConfiguration.AdsInteractionLog?.ExcludeEventTypes ?? [],
    excludedManifestLogEvents: LogConfiguration.ManifestServiceInteractionLog?.ExcludeEventTypes ?? [],
  }
}

function httpRequestOf(
  members: Pick<PlaybackConfigurationMembers, 'AdDecisionServerConfiguration'>,
): AdSettings['httpRequest'] {
  const { Method, Headers, Body, CompressRequest } = members.AdDecisionServerConfiguration?.HttpRequest ?? {}
  return {
    method: Method ?? 'GET',
    headers: Headers ?? {},
    body: Body ?? '',
    compress: CompressRequest ?? 'NONE',
  }
}

// Breaks are always in live streams here.
function sequencingOf(mode: string | undefined): AdSequencing {
  return mode === 'FOLLOW_AD_SEQUENCE' || mode === 'FOLLOW_AD_SEQUENCE_ONLY_LIVE' ? 'follow' : 'ignore'
}

/** The same for suppression alone. */
export function suppressionOf(suppression: AvailSuppression = {}): AdSettings['suppression'] {
  const [hours = 0, minutes = 0, seconds = 0] = (suppression.Value ?? '').split(':').map(Number)
  return {
    mode: suppression.Mode ?? 'OFF',
    valueSeconds: hours * 3600 + minutes * 60 + seconds,
    fillPolicy: suppression.FillPolicy ?? 'FULL_AVAIL_ONLY',
  }
}

// Empty text takes a member away.
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
