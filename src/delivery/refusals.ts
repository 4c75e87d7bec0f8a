/**
 * What the media side refuses, and how it says so: as IVS's playback edge does, with a JSON array of one object
 * (reference ivs-behaviour §6.2).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EVERYONE } from './audience.ts'
import { withoutSessionId } from './media-path.ts'

/** A refusal on the media side. */
export type MediaRefusal = {
  readonly status: number
  readonly code: string
  readonly text: string
}

/** Why something is not sent. */
export type RefusalName =
  | 'channelOffline'
  | 'notFound'
  | 'sessionInvalid'
  | 'originMissing'
  | 'originOther'
  | 'renditionTooLarge'
  | 'tooManyViewers'
  | 'badDirective'
  | 'tooFarAhead'
  | 'heldTooLong'
  | 'method'

/** Every refusal that delivery decides by itself. */
export const REFUSALS: Readonly<Record<RefusalName, MediaRefusal>> = {
  channelOffline: { status: 404, code: 'transcode_does_not_exist', text: 'Can not find channel' },
  notFound: { status: 404, code: 'not_found', text: 'Can not find media' },
  // One text for missing, forged, foreign, expired and revoked: it tells nothing to who guesses.
  sessionInvalid: {
    status: 403,
    code: 'invalid_playback_auth_token',
    text: 'the viewing session is missing, invalid or over',
  },
  originMissing: { status: 403, code: 'origin_required', text: 'origin required' },
  originOther: { status: 403, code: 'playback_auth_error', text: 'the origin is not allowed' },
  renditionTooLarge: {
    status: 403,
    code: 'playback_auth_error',
    text: 'nothing here is within the maximum resolution of the viewing session',
  },
  tooManyViewers: { status: 429, code: 'too_many_viewers', text: 'the limit of concurrent views is reached' },
  badDirective: { status: 400, code: 'invalid_parameter', text: 'invalid _HLS delivery directive' },
  tooFarAhead: { status: 400, code: 'invalid_parameter', text: '_HLS_msn or _HLS_part is too far ahead' },
  heldTooLong: { status: 503, code: 'media_delayed', text: 'the media did not arrive in time' },
  method: { status: 405, code: 'method_not_allowed', text: 'only GET, HEAD and OPTIONS are allowed' },
}

/** Sends a refusal. Refusals are never cached: a channel that is offline now may be live in a second. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: MediaRefusal): void {
  const isPlain = refusal === REFUSALS.originMissing
  const body = Buffer.from(isPlain ? refusal.text : problemList(request.url ?? '', refusal))
  response.writeHead(refusal.status, [
    'Content-Type',
    isPlain ? 'text/plain; charset=utf-8' : 'application/json',
    'Cache-Control',
    'no-store',
    'Content-Length',
    String(body.length),
    'X-Content-Type-Options',
    'nosniff',
    ...(refusal.status === 405 ? ['Allow', 'GET, HEAD, OPTIONS'] : []),
    ...(refusal.status === 503 ? ['Retry-After', '1'] : []),
    ...EVERYONE.headers,
  ])
  response.end(request.method === 'HEAD' ? undefined : body)
}

function problemList(url: string, { text, code }: MediaRefusal): string {
  return JSON.stringify([{ url: withoutSecrets(url), error: text, error_code: code, type: 'error' }])
}

const SECRET_ARGUMENTS: ReadonlySet<string> = new Set(['token', 'vs'])

/** `url` as it may be shown: without playback tokens and session ids. */
export function withoutSecrets(url: string): string {
  const mark = url.indexOf('?')
  const path = withoutSessionId(mark < 0 ? url : url.slice(0, mark))
  if (mark < 0) return path
  const query = url.slice(mark + 1).split('&')
  return `${path}?${query.map((argument) => withoutSecret(argument)).join('&')}`
}

function withoutSecret(argument: string): string {
  // As whoever reads the argument would: `%74oken` is `token`.
  const [name = ''] = new URLSearchParams(argument).keys()
  return SECRET_ARGUMENTS.has(name) ? `${name}=***` : argument
}
