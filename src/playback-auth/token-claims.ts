/**
 * What the claims of a playback token say, each by its own rule (reference ivs-behaviour §7).
 *
 * Pure, and without time: whether the token holds now and for this request is `token-rules.ts`.
 */
import type { AdsClaims, MaximumResolution } from '../domain/viewer-access.ts'
import type { RawClaims } from './token-form.ts'

/** The claims of a token, typed; what the token leaves out has its default. */
export type TokenClaims = {
  readonly channelArn: string
  /** Seconds since the Unix epoch, like the one below. */
  readonly expiresAtS: number
  readonly notBeforeS: number | undefined
  /** Patterns of origins; undefined for any. */
  readonly origins: readonly string[] | undefined
  readonly strictOrigin: boolean
  /** In lower case. */
  readonly singleUseId: string | undefined
  readonly viewerId: string | undefined
  readonly viewerSessionVersion: number
  readonly maximumResolution: MaximumResolution | undefined
  readonly ads: AdsClaims
}

/** The claims, or which of them breaks its rule. */
export type ClaimsOutcome =
  | { readonly kind: 'claims'; readonly claims: TokenClaims }
  | { readonly kind: 'broken'; readonly fault: string }

/** Name of the claim that ties a token to a channel. */
export const CHANNEL_CLAIM = 'aws:channel-arn'

/** Most characters of a viewer id. */
export const MAX_VIEWER_ID_CHARS = 40

/** Most origins of a token whose origin is enforced on every request. */
export const MAX_STRICT_ORIGINS = 5

/** Most bytes of the ad parameters, names and values together. */
export const MAX_AD_PARAMS_BYTES = 1000

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const WHOLE_NUMBER = /^-?[0-9]{1,19}$/
const RESOLUTIONS: readonly MaximumResolution[] = ['SD', 'HD', 'FULL_HD']
const REPORTING_MODES = ['CLIENT', 'SERVER'] as const

class BrokenClaim extends Error {
  override readonly name = 'BrokenClaim'
}

/** Reads all claims. Those that nobody here knows are left alone. */
export function readTokenClaims(raw: RawClaims): ClaimsOutcome {
  try {
    return { kind: 'claims', claims: readAll(raw) }
  } catch (error) {
    if (!(error instanceof BrokenClaim)) throw error
    return { kind: 'broken', fault: error.message }
  }
}

function readAll(raw: RawClaims): TokenClaims {
  const strictOrigin = optional(raw, 'aws:strict-origin-enforcement', asBoolean) ?? false
  const origins = optional(raw, 'aws:access-control-allow-origin', asOrigins)
  if (strictOrigin && origins && origins.length > MAX_STRICT_ORIGINS) {
    throw broken('aws:access-control-allow-origin', `must name at most ${MAX_STRICT_ORIGINS} origins`)
  }
  const viewerId = optional(raw, 'aws:viewer-id', asViewerId)
  const version = optional(raw, 'aws:viewer-session-version', asVersion)
  if (version !== undefined && viewerId === undefined) {
    throw broken('aws:viewer-session-version', 'needs aws:viewer-id')
  }
  optional(raw, 'iat', asNumber)
  return {
    channelArn: required(raw, CHANNEL_CLAIM, asText),
    expiresAtS: required(raw, 'exp', asSeconds),
    notBeforeS: optional(raw, 'nbf', asNumber),
    origins,
    strictOrigin,
    singleUseId: optional(raw, 'aws:single-use-uuid', asUuid),
    viewerId,
    viewerSessionVersion: version ?? 0,
    maximumResolution: optional(raw, 'aws:maximum-resolution', oneOf(RESOLUTIONS)),
    ads: readAds(raw),
  }
}

function readAds(raw: RawClaims): AdsClaims {
  const optOut = optional(raw, 'aws:ads-opt-out', asBoolean)
  const playerParams = optional(raw, 'aws:ads-player-params', asParams)
  const playbackConfigName = optional(raw, 'aws:ads-playback-config-name', asText)
  const reportingMode = optional(raw, 'aws:ads-reporting-mode', oneOf(REPORTING_MODES))
  return {
    ...(optOut !== undefined && { optOut }),
    ...(playerParams && { playerParams }),
    ...(playbackConfigName !== undefined && { playbackConfigName }),
    ...(reportingMode && { reportingMode }),
  }
}

/** Takes a value that is there; what it says in words follows "must be". */
type Reader<Value> = { readonly want: string; readonly read: (value: unknown) => Value | undefined }

function required<Value>(raw: RawClaims, name: string, reader: Reader<Value>): Value {
  const value = optional(raw, name, reader)
  if (value === undefined) throw broken(name, 'is missing')
  return value
}

function optional<Value>(raw: RawClaims, name: string, reader: Reader<Value>): Value | undefined {
  if (!Object.hasOwn(raw, name)) return undefined
  const value = reader.read(raw[name])
  if (value === undefined) throw broken(name, `must be ${reader.want}`)
  return value
}

const asText: Reader<string> = {
  want: 'a text that is not empty',
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
}

const asBoolean: Reader<boolean> = {
  want: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
}

const asNumber: Reader<number> = {
  want: 'a number of seconds',
  read: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
}

const asSeconds: Reader<number> = {
  want: 'a whole number of seconds',
  read: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
}

const asOrigins: Reader<readonly string[]> = {
  want: 'origins with commas between',
  read: (value) => {
    if (typeof value !== 'string') return undefined
    const origins = value.split(',').flatMap((part) => part.trim() || [])
    return origins.length > 0 ? origins : undefined
  },
}

const asUuid: Reader<string> = {
  want: 'a UUID',
  read: (value) => (typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined),
}

// An id that StartViewerSessionRevocation could not name would be one that nobody can revoke.
const asViewerId: Reader<string> = {
  want: `a text of 1 to ${MAX_VIEWER_ID_CHARS} characters`,
  read: (value) => {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) return undefined
    return value.isWellFormed() && Array.from(value).length <= MAX_VIEWER_ID_CHARS ? value : undefined
  },
}

// Larger numbers are no longer told apart, so a revocation would stop the wrong ones.
const asVersion: Reader<number> = {
  want: `a whole number up to ${Number.MAX_SAFE_INTEGER}`,
  read: (value) => {
    const number = typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : value
    return Number.isSafeInteger(number) ? (number as number) : undefined
  },
}

const asParams: Reader<Readonly<Record<string, string>>> = {
  want: `an object of texts with at most ${MAX_AD_PARAMS_BYTES} bytes, names and values together`,
  read: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const entries: [string, unknown][] = Object.entries(value)
    const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
    if (!entries.every(isText)) return undefined
    const sizeBytes = entries.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    return sizeBytes <= MAX_AD_PARAMS_BYTES ? Object.fromEntries(entries) : undefined
  },
}

function oneOf<Choice extends string>(choices: readonly Choice[]): Reader<Choice> {
  return {
    want: `one of ${choices.join(', ')}`,
    read: (value) => choices.find((choice) => choice === value),
  }
}

function broken(name: string, fault: string): BrokenClaim {
  return new BrokenClaim(`${name} ${fault}`)
}
