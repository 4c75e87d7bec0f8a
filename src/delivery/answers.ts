/**
 * Answers of the media side: the header sets, the error bodies and whole, ranged or empty bodies.
 *
 * Error bodies are a JSON array with one object, as IVS's playback edge sends them (reference ivs-behaviour §6.2).
 * Headers are flat name-value lists, which node:http writes without walking an object.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { parseRange } from './byte-range.ts'

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
  | 'isPrivate'
  | 'tooManyViewers'
  | 'badDirective'
  | 'tooFarAhead'
  | 'heldTooLong'
  | 'method'

/** Every refusal there is. */
export const REFUSALS: Readonly<Record<RefusalName, MediaRefusal>> = {
  channelOffline: { status: 404, code: 'transcode_does_not_exist', text: 'Can not find channel' },
  notFound: { status: 404, code: 'not_found', text: 'Can not find media' },
  isPrivate: {
    status: 403,
    code: 'invalid_playback_auth_token',
    text: 'the channel is private and the token is missing or invalid',
  },
  tooManyViewers: { status: 429, code: 'too_many_viewers', text: 'the limit of concurrent views is reached' },
  badDirective: { status: 400, code: 'invalid_parameter', text: 'invalid _HLS delivery directive' },
  tooFarAhead: { status: 400, code: 'invalid_parameter', text: '_HLS_msn or _HLS_part is too far ahead' },
  heldTooLong: { status: 503, code: 'media_delayed', text: 'the media did not arrive in time' },
  method: { status: 405, code: 'method_not_allowed', text: 'only GET, HEAD and OPTIONS are allowed' },
}

/** Any page may play: what may be played is decided by tokens and policies, not by the browser. */
const CORS = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'Content-Length,Content-Range,Date,ETag',
] as const

/** What a body is and how long it stays true. */
export type BodyKind = {
  readonly contentType: string
  readonly cacheControl: string
}

/** Sends a refusal. Refusals are never cached: a channel that is offline now may be live in a second. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: MediaRefusal): void {
  const problem = {
    url: withoutToken(request.url ?? ''),
    error: refusal.text,
    error_code: refusal.code,
    type: 'error',
  }
  const body = Buffer.from(JSON.stringify([problem]))
  response.writeHead(refusal.status, [
    'Content-Type',
    'application/json',
    'Cache-Control',
    'no-store',
    'Content-Length',
    String(body.length),
    ...(refusal.status === 405 ? ['Allow', 'GET, HEAD, OPTIONS'] : []),
    ...CORS,
  ])
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** Answers a CORS preflight. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, [
    'Access-Control-Allow-Methods',
    'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers',
    '*',
    'Access-Control-Max-Age',
    '86400',
    ...CORS,
  ])
  response.end()
}

/**
 * A text in both forms, each as a string of one character a byte (latin1): node:http joins such a body with its head and
 * hands the socket one piece, where a buffer would make two. The compressed form is made when first asked for.
 */
export type CompressibleText = { readonly plain: string; readonly gzip: () => string }

/** `text`, which is ASCII as playlists are, ready to be sent in either form. */
export function compressible(text: string): CompressibleText {
  let compressed: string | undefined
  return { plain: text, gzip: () => (compressed ??= gzipSync(text).toString('latin1')) }
}

/** Sends text, compressed when the client takes that. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  kind: BodyKind,
  text: CompressibleText,
): void {
  const compressed = acceptsGzip(request)
  const body = compressed ? text.gzip() : text.plain
  const headers = [
    'Content-Type',
    kind.contentType,
    'Cache-Control',
    kind.cacheControl,
    'Content-Length',
    String(body.length),
    'Vary',
    'Accept-Encoding',
    ...CORS,
  ]
  if (compressed) headers.push('Content-Encoding', 'gzip')
  response.writeHead(200, headers)
  if (request.method === 'HEAD') response.end()
  else response.end(body, 'latin1')
}

/**
 * Sends an immutable body given in pieces, honouring `If-None-Match` and a single byte range (RFC 9110 §13.1.2, §14.2).
 *
 * @param chunks in order; never copied.
 */
export function sendImmutable(
  request: IncomingMessage,
  response: ServerResponse,
  kind: BodyKind & { readonly etag: string },
  chunks: readonly Buffer[],
  sizeBytes: number,
): void {
  const { headers } = request
  const validators = ['Cache-Control', kind.cacheControl, 'ETag', kind.etag, ...CORS]
  if (headers['if-none-match'] === kind.etag) {
    response.writeHead(304, validators)
    response.end()
    return
  }
  const range = headers.range === undefined ? undefined : parseRange(headers.range, sizeBytes)
  if (range === 'unsatisfiable') {
    response.writeHead(416, ['Content-Range', `bytes */${sizeBytes}`, 'Content-Length', '0', ...validators])
    response.end()
    return
  }
  const length = range ? range.end - range.start : sizeBytes
  response.writeHead(range ? 206 : 200, [
    'Content-Type',
    kind.contentType,
    'Content-Length',
    String(length),
    'Accept-Ranges',
    'bytes',
    ...(range ? ['Content-Range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`] : []),
    ...validators,
  ])
  if (request.method === 'HEAD') response.end()
  else writeChunks(response, range ? sliceChunks(chunks, range.start, range.end) : chunks)
}

/** Begins a body that grows while it is read: its length is not known, so it goes out chunked. */
export function beginGrowing(response: ServerResponse, kind: BodyKind): void {
  response.writeHead(200, ['Content-Type', kind.contentType, 'Cache-Control', kind.cacheControl, ...CORS])
}

function writeChunks(response: ServerResponse, chunks: readonly Buffer[]): void {
  const last = chunks.at(-1)
  if (chunks.length > 1) {
    response.cork()
    for (let i = 0; i < chunks.length - 1; i++) response.write(chunks[i])
  }
  response.end(last)
  if (chunks.length > 1) response.uncork()
}

function sliceChunks(chunks: readonly Buffer[], start: number, end: number): Buffer[] {
  const slices: Buffer[] = []
  let offset = 0
  for (const chunk of chunks) {
    const from = Math.max(0, start - offset)
    const to = Math.min(chunk.length, end - offset)
    if (from < to) slices.push(chunk.subarray(from, to))
    offset += chunk.length
  }
  return slices
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding']
  return typeof accepted === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted)
}

function withoutToken(url: string): string {
  return url.replace(/([?&]token=)[^&]*/g, '$1***')
}
