/**
 * Members that several operations share, as schemas (reference ivs-api §4).
 */
import { Type } from 'typebox'
import type { TBoolean, TInteger, TString, TUnsafe } from 'typebox'
import type { ResourceType } from '../../domain/arn.ts'
import type {
  ChannelType,
  ContainerFormat,
  LatencyMode,
  MultitrackInput,
  Tags,
} from '../../domain/channel.ts'
import type { TranscodePreset } from '../../domain/channel.ts'
import type { StreamHealth } from '../../domain/live.ts'

const MAX_ARN_CHARS = 128
const MAX_NAME_CHARS = 128
const MAX_TOKEN_CHARS = 1024
const MAX_BATCH_ITEMS = 50
const STREAM_ID_CHARS = 26
const MAX_TAGS = 50
const MAX_TAG_KEY_CHARS = 128
const MAX_TAG_VALUE_CHARS = 256
const TAG_CHARACTERS = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'

/** Free label of a resource; not unique. */
export const resourceName: TString = Type.String({
  maxLength: MAX_NAME_CHARS,
  pattern: '^[a-zA-Z0-9_-]*$',
})

/** ARN of a resource of one type. */
export function arnOf(resourceType: ResourceType): TString {
  return Type.String({ minLength: 1, maxLength: MAX_ARN_CHARS, pattern: `^${arnPattern(resourceType)}$` })
}

/** ARN of a resource of one type, or empty for none. */
export function arnOrNone(resourceType: ResourceType): TString {
  return Type.String({ maxLength: MAX_ARN_CHARS, pattern: `^$|^${arnPattern(resourceType)}$` })
}

/** What a batch operation asks for: 1 to 50 ARNs of one type. */
export function arnBatch(resourceType: ResourceType): TUnsafe<readonly string[]> {
  return Type.Unsafe(Type.Array(arnOf(resourceType), { minItems: 1, maxItems: MAX_BATCH_ITEMS }))
}

const tagKey: TString = Type.String({
  minLength: 1,
  maxLength: MAX_TAG_KEY_CHARS,
  pattern: `^${TAG_CHARACTERS}$`,
})

/** Keys of tags to take away. */
export const tagKeys: TUnsafe<readonly string[]> = Type.Unsafe(Type.Array(tagKey, { maxItems: MAX_TAGS }))

/** Tags; the rules no pattern can state are in `domain/tags.ts`. */
export const tags: TUnsafe<Tags> = Type.Unsafe({
  type: 'object',
  maxProperties: MAX_TAGS,
  propertyNames: tagKey,
  additionalProperties: { type: 'string', maxLength: MAX_TAG_VALUE_CHARS, pattern: `^${TAG_CHARACTERS}$` },
})

/** Yes or no. */
export const flag: TBoolean = Type.Boolean()

/** Latency mode. */
export const latencyMode: TUnsafe<LatencyMode> = oneOf(['NORMAL', 'LOW'])

/** Channel type. */
export const channelType: TUnsafe<ChannelType> = oneOf(['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'])

/** Container of the segments. */
export const containerFormat: TUnsafe<ContainerFormat> = oneOf(['TS', 'FRAGMENTED_MP4'])

/** Transcode preset; the empty one is only ever in answers. */
export const preset: TUnsafe<Exclude<TranscodePreset, ''>> = oneOf([
  'HIGHER_BANDWIDTH_DELIVERY',
  'CONSTRAINED_BANDWIDTH_DELIVERY',
])

/** What to do with several tracks. */
export const multitrackPolicy: TUnsafe<MultitrackInput['policy']> = oneOf(['ALLOW', 'REQUIRE'])

/** Largest track. */
export const multitrackResolution: TUnsafe<MultitrackInput['maximumResolution']> = oneOf([
  'SD',
  'HD',
  'FULL_HD',
])

/** Health of a stream. */
export const streamHealth: TUnsafe<StreamHealth> = oneOf(['HEALTHY', 'STARVING', 'UNKNOWN'])

/** Id of a stream session. */
export const streamId: TString = Type.String({
  minLength: STREAM_ID_CHARS,
  maxLength: STREAM_ID_CHARS,
  pattern: '^st-[a-zA-Z0-9]+$',
})

/** Continuation token of a list. */
export const nextToken: TString = Type.String({
  maxLength: MAX_TOKEN_CHARS,
  pattern: '^[a-zA-Z0-9+/=_-]*$',
})

/** Page size of a list. */
export function maxResults(limit: number): TInteger {
  return Type.Integer({ minimum: 1, maximum: limit })
}

function arnPattern(resourceType: ResourceType): string {
  return `arn:aws:ivs:[a-z0-9-]+:[0-9]+:${resourceType}/[a-zA-Z0-9-]+`
}

/** One of these words. */
export function oneOf<Value extends string>(values: readonly Value[]): TUnsafe<Value> {
  return Type.Unsafe<Value>({ type: 'string', enum: values })
}
