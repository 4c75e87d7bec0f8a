/**
 * The outer form of a playback token: three base64url segments, a header that says ES384, and a JSON object of claims.
 *
 * Nothing here is believed yet: signatures are `token-verifier.ts`, the meaning of claims is `token-claims.ts`.
 *
 * Spec: RFC 7515 §3.1, §4.1 (compact form, header); reference ivs-behaviour §7.
 */

/** Longest token that is looked at. */
export const MAX_TOKEN_BYTES = 2048

/** The one algorithm of playback tokens. */
export const TOKEN_ALGORITHM = 'ES384'

/** Claims as they stand in a token, by name. */
export type RawClaims = Readonly<Record<string, unknown>>

/** A token that can be read, or what is wrong with it. */
export type TokenForm =
  | { readonly kind: 'readable'; readonly claims: RawClaims }
  | { readonly kind: 'malformed'; readonly fault: string }

const SEGMENT = /^[A-Za-z0-9_-]+$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads the form of `token`, whoever made it. */
export function readTokenForm(token: string): TokenForm {
  if (token.length > MAX_TOKEN_BYTES) return malformed(`token is longer than ${MAX_TOKEN_BYTES} bytes`)
  const segments = token.split('.')
  if (segments.length !== 3) return malformed('token contains an invalid number of segments')
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    return malformed('token contains a segment that is not base64url')
  }
  const [header = '', payload = ''] = segments
  if (!isOurHeader(readObject(header))) return malformed('token header must have alg ES384 and typ JWT')
  const claims = readObject(payload)
  return claims ? { kind: 'readable', claims } : malformed('token claims are not a JSON object')
}

// Keys that a header names or brings along (kid, jwk, jku, x5c, x5u) are never looked at. An extension that must be
// understood is not (RFC 7515 §4.1.11).
function isOurHeader(header: RawClaims | undefined): boolean {
  if (header?.['alg'] !== TOKEN_ALGORITHM || 'crit' in header) return false
  const type = header['typ']
  return type === undefined || (typeof type === 'string' && type.toUpperCase() === 'JWT')
}

function readObject(segment: string): RawClaims | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(segment, 'base64url')))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is RawClaims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(fault: string): TokenForm {
  return { kind: 'malformed', fault }
}
