/**
 * What PutPlaybackConfiguration takes besides the name and the tags (reference ssai §2.1).
 */
import { Type } from 'typebox'
import type { TObject, TSchema } from 'typebox'
import { oneOf } from '../ivs/members.ts'
import { flag, link, linkOrNone, name, text, textMap, whole } from './members.ts'

const MAX_SOURCE_CHARS = 512
const MAX_BODY_CHARS = 100_000
const MIN_TIMEOUT_MS = 250
const MAX_REQUEST_TIMEOUT_MS = 6000
const MAX_TOTAL_TIMEOUT_MS = 10_000
const MAX_CONCURRENT_REQUESTS = 100
const MAX_SECONDS = 86_400
const FUNCTION_HOOKS = [
  'PRE_SESSION_INITIALIZATION',
  'PRE_ADS_REQUEST',
  'POST_ADS_RESPONSE',
  'PRE_MANIFEST_INSERTION',
] as const

const requestTimeout = whole(MIN_TIMEOUT_MS, MAX_REQUEST_TIMEOUT_MS)
const totalTimeout = whole(MIN_TIMEOUT_MS, MAX_TOTAL_TIMEOUT_MS)
const headerName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
})
const aliasedVariable = Type.String({ maxLength: 256, pattern: '^player_params\\.[^\\p{Cc}\\p{Cs}]+$' })

/** All members of `shape` may be left out. */
function some(shape: Readonly<Record<string, TSchema>>): TSchema {
  const members = Object.entries(shape).map(([member, schema]) => [member, Type.Optional(schema)] as const)
  return Type.Object(Object.fromEntries(members))
}

const httpRequest = some({
  Method: oneOf(['GET', 'POST']),
  Headers: textMap(headerName),
  Body: Type.String({ maxLength: MAX_BODY_CHARS }),
  CompressRequest: oneOf(['NONE', 'GZIP']),
})
const adSequencing = oneOf([
  'IGNORE_AD_SEQUENCE',
  'FOLLOW_AD_SEQUENCE',
  'FOLLOW_AD_SEQUENCE_ONLY_LIVE',
  'FOLLOW_AD_SEQUENCE_ONLY_VOD',
])
const aliases = Type.Unsafe({
  type: 'object',
  maxProperties: 100,
  propertyNames: aliasedVariable,
  additionalProperties: textMap(),
})

/** The members by name; those that the service requires come first. */
export const playbackConfigurationMembers: Readonly<Record<string, TSchema>> = {
  VideoContentSourceUrl: link(MAX_SOURCE_CHARS),
  AdDecisionServerUrl: link(),
  AdDecisionServerConfiguration: some({
    HttpRequest: httpRequest,
    VastResponse: some({ AdSequencingMode: adSequencing }),
  }),
  AdsPersonalizationTimeouts: some({
    AdsRequestTimeoutMilliseconds: requestTimeout,
    LiveMaximumAdsPersonalizationTimeMilliseconds: totalTimeout,
    VodMaximumAdsPersonalizationTimeMilliseconds: totalTimeout,
    PrefetchAdsRequestTimeoutMilliseconds: totalTimeout,
    PrefetchMaximumAdsPersonalizationTimeMilliseconds: totalTimeout,
  }),
  AdsPersonalizationConcurrency: some({
    MaxConcurrentAdsRequests: whole(1, MAX_CONCURRENT_REQUESTS),
    EnableVodVastParallelization: flag,
  }),
  AdConditioningConfiguration: Type.Object({ StreamingMediaFileConditioning: oneOf(['TRANSCODE', 'NONE']) }),
  AvailSuppression: some({
    Mode: oneOf(['OFF', 'BEHIND_LIVE_EDGE', 'AFTER_LIVE_EDGE']),
    Value: Type.String({ pattern: '^[0-9]{2}:[0-5][0-9]:[0-5][0-9]$' }),
    FillPolicy: oneOf(['FULL_AVAIL_ONLY', 'PARTIAL_AVAIL']),
  }),
  Bumper: some({ StartUrl: linkOrNone, EndUrl: linkOrNone }),
  CdnConfiguration: some({ AdSegmentUrlPrefix: text, ContentSegmentUrlPrefix: text }),
  ConfigurationAliases: aliases,
  DashConfiguration: some({
    MpdLocation: oneOf(['DISABLED', 'EMT_DEFAULT']),
    OriginManifestType: oneOf(['SINGLE_PERIOD', 'MULTI_PERIOD']),
  }),
  FunctionMapping: some(Object.fromEntries(FUNCTION_HOOKS.map((hook) => [hook, name]))),
  InsertionMode: oneOf(['STITCHED_ONLY', 'PLAYER_SELECT']),
  LivePreRollConfiguration: some({
    AdDecisionServerUrl: linkOrNone,
    MaxDurationSeconds: whole(0, MAX_SECONDS),
    AdDecisionServerConfiguration: some({
      VastResponse: some({ AdSequencingMode: oneOf(['FOLLOW_AD_SEQUENCE', 'IGNORE_AD_SEQUENCE']) }),
    }),
  }),
  ManifestProcessingRules: some({ AdMarkerPassthrough: some({ Enabled: flag }) }),
  PersonalizationThresholdSeconds: whole(1, MAX_SECONDS),
  SlateAdUrl: linkOrNone,
  TranscodeProfileName: text,
}

const REQUIRED = new Set(['VideoContentSourceUrl', 'AdDecisionServerUrl'])

/** The same as members of a request. */
export const putMembers: Readonly<Record<string, TSchema>> = Object.fromEntries(
  Object.entries(playbackConfigurationMembers).map(([member, schema]) => [
    member,
    REQUIRED.has(member) ? schema : Type.Optional(schema),
  ]),
)

/** The document in a request. */
export const documentSchema: TObject = Type.Object(putMembers)
