/**
 * Why viewers are refused, in the words of the answer (reference ivs-behaviour §6.2).
 *
 * A token that is not signed by the channel's account, or is for another channel, gets one and the same refusal: texts
 * must not tell which keys and channels exist. Only who shows a good signature is told more.
 */
import type { AccessRefusal } from '../domain/viewer-access.ts'

/** `error_code` of a token that is none of this channel. */
export const INVALID_TOKEN_CODE = 'invalid_playback_auth_token'

/** `error_code` of a good token that may not be used here and now. */
export const REFUSED_TOKEN_CODE = 'playback_auth_error'

/** A token that cannot be read or breaks a rule; `fault` says which. */
export function invalidToken(fault: string): AccessRefusal {
  return { status: 403, code: INVALID_TOKEN_CODE, message: fault }
}

/** A good token that does not open the stream here and now. */
export function refusedToken(message: string): AccessRefusal {
  return { status: 403, code: REFUSED_TOKEN_CODE, message }
}

/** No token on a private channel. */
export const TOKEN_MISSING: AccessRefusal = invalidToken('the channel is private and the token is missing')

/** Bad signature, wrong key or other channel. */
export const TOKEN_NOT_FOR_CHANNEL: AccessRefusal = invalidToken('token is not valid for this channel')

/** The token's time is over. */
export const TOKEN_EXPIRED: AccessRefusal = invalidToken('token is expired')

/** The token's time has not begun. */
export const TOKEN_TOO_EARLY: AccessRefusal = invalidToken('token is not valid yet')

/** A single-use token came a second time. */
export const TOKEN_SPENT: AccessRefusal = refusedToken('token was used already')

/** The viewer's sessions were revoked. */
export const VIEWER_REVOKED: AccessRefusal = refusedToken('viewer session was revoked')

/** Every client must show its origin. */
export const ORIGIN_REQUIRED: AccessRefusal = refusedToken('origin required')

/** Pages of this origin may not play. */
export const ORIGIN_REFUSED: AccessRefusal = refusedToken('origin is not allowed')

/** Viewers in this country may not play. */
export const COUNTRY_REFUSED: AccessRefusal = {
  status: 403,
  code: 'content_geoblocked',
  message: 'the channel is not available in this country',
}

/** Too many bad tokens came from this address. */
export const TOO_MANY_FAILURES: AccessRefusal = {
  status: 429,
  code: 'too_many_failed_tokens',
  message: 'too many invalid tokens came from this address',
}

/** The database that the decision needs does not answer. */
export const UNDECIDED: AccessRefusal = {
  status: 503,
  code: 'playback_auth_unavailable',
  message: 'access cannot be decided now',
}
