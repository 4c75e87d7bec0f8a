/**
 * Whether the claims of a good token open the stream now and for this request (reference ivs-behaviour §7).
 */
import type { AccessRefusal, ViewerRules } from '../domain/viewer-access.ts'
import { originRefusal, strictOriginsOf } from './origin-rule.ts'
import { invalidToken, TOKEN_EXPIRED, TOKEN_TOO_EARLY } from './refusals.ts'
import type { TokenClaims } from './token-claims.ts'

/** Longest life of a token that names a viewer or may be used once. */
export const MAX_BOUND_TOKEN_LIFE_S: number = 10 * 60

/** What the claims are held against. */
export type TokenSituation = {
  readonly origin: string | undefined
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  /** How far the clock of whoever signed may be off. */
  readonly clockSkewMs: number
}

/** Why the token does not open the stream; undefined when it does. Revocation and single use are not looked at. */
export function tokenRefusal(claims: TokenClaims, situation: TokenSituation): AccessRefusal | undefined {
  return timeRefusal(claims, situation) ?? originRefusal(originRuleOf(claims), situation.origin)
}

/** The rules of a viewing session that such a token opens. */
export function rulesOf(claims: TokenClaims): ViewerRules {
  const { viewerId, viewerSessionVersion, maximumResolution, ads } = claims
  const strictOrigins = strictOriginsOf(originRuleOf(claims))
  return {
    ...(viewerId !== undefined && { viewerId, viewerSessionVersion }),
    ...(strictOrigins && { strictOrigins }),
    ...(maximumResolution && { maximumResolution }),
    ...(Object.keys(ads).length > 0 && { ads }),
  }
}

/** When the last moment of the token has passed on every clock; milliseconds since the Unix epoch. */
export function goneAtMs(claims: TokenClaims, clockSkewMs: number): number {
  return claims.expiresAtS * 1000 + clockSkewMs
}

function originRuleOf({ origins, strictOrigin }: TokenClaims): Parameters<typeof originRefusal>[0] {
  return { origins, strict: strictOrigin }
}

function timeRefusal(claims: TokenClaims, { nowMs, clockSkewMs }: TokenSituation): AccessRefusal | undefined {
  const { notBeforeS, viewerId, singleUseId, expiresAtS } = claims
  if (nowMs >= goneAtMs(claims, clockSkewMs)) return TOKEN_EXPIRED
  if (notBeforeS !== undefined && notBeforeS * 1000 > nowMs + clockSkewMs) return TOKEN_TOO_EARLY
  const isBound = viewerId !== undefined || singleUseId !== undefined
  if (isBound && expiresAtS * 1000 > nowMs + clockSkewMs + MAX_BOUND_TOKEN_LIFE_S * 1000) {
    return invalidToken('exp must be at most 10 minutes ahead with aws:viewer-id or aws:single-use-uuid')
  }
  return undefined
}
