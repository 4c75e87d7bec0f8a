/**
 * What a player says about its session: in the query of an address, or in the JSON that it begins an explicit session
 * with.
 *
 * Pure. Reference: ssai §3.1.
 */

import {
  suppressionOfJson,
  suppressionOfQuery,
  type ReadSuppression,
  type SessionSuppression,
} from './session-suppression.ts'

/** What holds for a session from its beginning to its end. */
export type SessionParameters = {
  /** `[player_params.…]` of ad requests. */
  readonly playerParams: Readonly<Record<string, string>>
  /** Copied to the addresses of the session's playlists. */
  readonly manifestParams: Readonly<Record<string, string>>
  readonly reportingMode: 'CLIENT' | 'SERVER'
  readonly isGuided: boolean
  /** Of a guided session: ads of a break are decided when it is announced, and not when the player asks. */
  readonly isGuidedAhead: boolean
  /** Playback token for a private channel. */
  readonly token: string | undefined
  readonly suppression: SessionSuppression
}

/** Parameters, or what is wrong with them. */
export type ReadParameters =
  | { readonly kind: 'read'; readonly parameters: SessionParameters }
  | { readonly kind: 'invalid'; readonly problem: string }

/** Characters of all names and values of one kind together. */
const MAX_PARAMS_CHARS = 2000
const MAX_TOKEN_CHARS = 4096
const UNDERSTOOD = /^(_HLS_|aws\.)/
const REPORTING_MODES: readonly string[] = ['CLIENT', 'SERVER']
const INSERTION_MODES: readonly string[] = ['GUIDED', 'STITCHED']
const GUIDED_PREFETCH_MODES: readonly string[] = ['MANIFEST', 'OFF']

/** Where the default differs: explicit sessions report by themselves. */
export type SessionKind = 'explicit' | 'implicit'

/** Reads `ads.KEY`, `manifest.KEY` or `manifestParams.KEY`, `token`, and what begins with `aws.`. */
export function parametersOfQuery(query: URLSearchParams, kind: SessionKind): ReadParameters {
  return settled(kind, {
    playerParams: withPrefix(query, ['ads.']),
    manifestParams: withPrefix(query, ['manifest.', 'manifestParams.']),
    reportingMode: query.get('aws.reportingMode') ?? undefined,
    insertionMode: query.get('aws.insertionMode') ?? undefined,
    guidedPrefetchMode: query.get('aws.guidedPrefetchMode') ?? undefined,
    token: query.get('token') ?? undefined,
    suppression: suppressionOfQuery(query),
  })
}

/** Reads the body of an explicit session; an empty one says nothing. */
export function parametersOfBody(body: string): ReadParameters {
  const json = body.trim() === '' ? {} : objectOf(body)
  if (!json) return invalid('the body must be a JSON object')
  const playerParams = textsOf(json['adsParams'] ?? {})
  const morePlayerParams = textsOf(json['playerParams'] ?? {})
  const manifestParams = textsOf(json['manifestParams'] ?? {})
  if (!playerParams || !morePlayerParams || !manifestParams) {
    return invalid('adsParams, playerParams and manifestParams must be objects of texts')
  }
  const { reportingMode, insertionMode, guidedPrefetchMode, token } = json
  const texts = [reportingMode, insertionMode, guidedPrefetchMode, token]
  if (!texts.every((value) => value === undefined || isText(value))) {
    return invalid('reportingMode, insertionMode, guidedPrefetchMode and token must be texts')
  }
  return settled('explicit', {
    playerParams: { ...morePlayerParams, ...playerParams },
    manifestParams,
    reportingMode: isText(reportingMode) ? reportingMode : undefined,
    insertionMode: isText(insertionMode) ? insertionMode : undefined,
    guidedPrefetchMode: isText(guidedPrefetchMode) ? guidedPrefetchMode : undefined,
    token: isText(token) ? token : undefined,
    suppression: suppressionOfJson(json['availSuppression']),
  })
}

type RawParameters = Pick<SessionParameters, 'playerParams' | 'manifestParams' | 'token'> & {
  readonly reportingMode: string | undefined
  readonly insertionMode: string | undefined
  readonly guidedPrefetchMode: string | undefined
  readonly suppression: ReadSuppression
}

function settled(kind: SessionKind, raw: RawParameters): ReadParameters {
  const { playerParams, manifestParams } = raw
  const reportingMode = (raw.reportingMode ?? (kind === 'explicit' ? 'CLIENT' : 'SERVER')).toUpperCase()
  const insertionMode = (raw.insertionMode ?? 'STITCHED').toUpperCase()
  if (!REPORTING_MODES.includes(reportingMode)) return invalid('reportingMode must be CLIENT or SERVER')
  if (!INSERTION_MODES.includes(insertionMode)) return invalid('insertionMode must be GUIDED or STITCHED')
  const isGuided = insertionMode === 'GUIDED'
  const prefetchMode = (raw.guidedPrefetchMode ?? 'OFF').toUpperCase()
  if (!GUIDED_PREFETCH_MODES.includes(prefetchMode))
    return invalid('guidedPrefetchMode must be MANIFEST or OFF')
  const isGuidedAhead = prefetchMode === 'MANIFEST'
  if (isGuidedAhead && !isGuided) return invalid('guidedPrefetchMode MANIFEST needs insertionMode GUIDED')
  if (sizeOf(playerParams) > MAX_PARAMS_CHARS || sizeOf(manifestParams) > MAX_PARAMS_CHARS) {
    return invalid(`parameters must have at most ${MAX_PARAMS_CHARS} characters`)
  }
  if (raw.suppression.kind === 'invalid') return raw.suppression
  // A playback token may come as any other parameter of the playlist; it is kept out of addresses.
  const { token = raw.token, ...others } = manifestParams
  if ((token?.length ?? 0) > MAX_TOKEN_CHARS) return invalid('the token is too long')
  return {
    kind: 'read',
    parameters: {
      playerParams,
      manifestParams: copiedOf(others),
      reportingMode: reportingMode === 'CLIENT' ? 'CLIENT' : 'SERVER',
      isGuided,
      isGuidedAhead,
      token,
      suppression: raw.suppression.suppression,
    },
  }
}

/** What delivery and the service understand is for the player alone to say. */
function copiedOf(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !UNDERSTOOD.test(name)))
}

function invalid(problem: string): ReadParameters {
  return { kind: 'invalid', problem }
}

function withPrefix(query: URLSearchParams, prefixes: readonly string[]): Record<string, string> {
  const found: [string, string][] = []
  for (const [name, value] of query) {
    const prefix = prefixes.find((one) => name.startsWith(one))
    if (prefix !== undefined && name.length > prefix.length) found.push([name.slice(prefix.length), value])
  }
  return Object.fromEntries(found)
}

function sizeOf(params: Readonly<Record<string, string>>): number {
  return Object.entries(params).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Numbers and truth values stand as JSON writes them; undefined for anything that holds more. */
function textsOf(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value)
  const isPlain = entries.every(
    ([, one]) => isText(one) || typeof one === 'number' || typeof one === 'boolean',
  )
  return isPlain ? Object.fromEntries(entries.map(([name, one]) => [name, String(one)])) : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
