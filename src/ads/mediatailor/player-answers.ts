/**
 * How players that speak MediaTailor are answered: JSON, playlists, media and redirects, and errors with a message and a
 * type. No cache may keep any of it, but for the media of creatives.
 *
 * Reference: ssai §3.1.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Names of errors, and their statuses. */
const STATUSES = {
  BadRequestException: 400,
  AccessDeniedException: 403,
  NotFoundException: 404,
  MethodNotAllowedException: 405,
  ThrottlingException: 429,
  InternalServiceError: 500,
  LoadShed: 503,
} as const

/** An error's name. */
export type PlayerErrorType = keyof typeof STATUSES

/** What stands in a refusal. */
export type PlayerError = { readonly type: PlayerErrorType; readonly message: string }

/** One request and its answer. */
export type PlayerExchange = { readonly request: IncomingMessage; readonly response: ServerResponse }

// On any page: who may watch is decided at the playlist.
const COMMON = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'x-amzn-ErrorType',
  'Referrer-Policy',
  'no-referrer',
  'X-Content-Type-Options',
  'nosniff',
] as const
const PERSONAL = ['Cache-Control', 'no-store', ...COMMON] as const
/** A day (reference ssai §3.1). */
const LASTING = ['Cache-Control', 'public, max-age=86400, immutable', ...COMMON] as const

/** Sends a whole body: a viewer's own, or one that is the same for everybody and never changes. */
export function sendBody(
  { request, response }: PlayerExchange,
  {
    contentType,
    body,
    isLasting = false,
  }: { readonly contentType: string; readonly body: string | Buffer; readonly isLasting?: boolean },
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const headers = isLasting ? LASTING : PERSONAL
  response.writeHead(200, ['Content-Type', contentType, 'Content-Length', String(bytes.length), ...headers])
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Sends `value` as JSON. */
export function sendJson(exchange: PlayerExchange, value: unknown): void {
  sendBody(exchange, { contentType: 'application/json', body: JSON.stringify(value) })
}

/** Sends a refusal. */
export function sendError({ request, response }: PlayerExchange, { type, message }: PlayerError): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(JSON.stringify({ message }))
  response.writeHead(STATUSES[type], [
    'Content-Type',
    'application/json',
    'Content-Length',
    String(body.length),
    'x-amzn-ErrorType',
    type,
    ...PERSONAL,
  ])
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The error that stands for a status of delivery's. */
export function errorTypeOf(status: number): PlayerErrorType {
  const types = Object.keys(STATUSES) as PlayerErrorType[]
  return types.find((type) => STATUSES[type] === status) ?? 'InternalServiceError'
}

/** Sends the player to where the same media is. */
export function redirect({ response }: PlayerExchange, location: string): void {
  response.writeHead(302, ['Location', location, 'Content-Length', '0', ...PERSONAL])
  response.end()
}

/** Answers a CORS preflight. */
export function answerPreflight({ response }: PlayerExchange): void {
  response.writeHead(204, [
    'Access-Control-Allow-Methods',
    'GET, HEAD, POST, OPTIONS',
    'Access-Control-Allow-Headers',
    '*',
    'Access-Control-Max-Age',
    '86400',
    ...PERSONAL,
  ])
  response.end()
}
