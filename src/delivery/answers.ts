/**
 * Answers of the media side: the header sets and whole, ranged or empty bodies. Refusals are in `refusals.ts`.
 *
 * Headers are flat name-value lists, which node:http writes without walking an object.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { EVERYONE, type Audience, type CacheControl } from './audience.ts'
import { parseRange } from './byte-range.ts'

/** One request and its answer. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Without its question mark. */
  readonly query: string
  readonly audience: Audience
}

/** What a body is and how long it stays true. */
export type BodyKind = {
  readonly contentType: string
  readonly cacheControl: CacheControl
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
    ...EVERYONE.headers,
  ])
  response.end()
}

/**
 * A text in both forms, each as a string of one character a byte (latin1): node:http joins such a body with its head and
 * hands the socket one piece, where a buffer would make two. The compressed form is made when first asked for.
 */
export type CompressibleText = { readonly plain: string; readonly gzip: () => string }

/** `text` ready to be sent in either form. */
export function compressible(text: string): CompressibleText {
  let compressed: string | undefined
  const plain = utf8Latin1(text)
  return { plain, gzip: () => (compressed ??= gzipSync(text).toString('latin1')) }
}

/** The bytes of `text` in UTF-8, one character each; playlists are nearly always ASCII. */
export function utf8Latin1(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')
}

/** Sends text, compressed when the client takes that. */
export function sendText(
  { request, response, audience }: Exchange,
  kind: BodyKind,
  text: CompressibleText,
): void {
  const compressed = acceptsGzip(request)
  const body = compressed ? text.gzip() : text.plain
  const headers = [
    'Content-Type',
    kind.contentType,
    'Cache-Control',
    kind.cacheControl[audience.cache],
    'Content-Length',
    String(body.length),
    'Vary',
    audience.vary === undefined ? 'Accept-Encoding' : `Accept-Encoding, ${audience.vary}`,
    ...audience.headers,
  ]
  if (compressed) headers.push('Content-Encoding', 'gzip')
  response.writeHead(200, headers)
  if (request.method === 'HEAD') response.end()
  else response.end(body, 'latin1')
}

/**
 * Sends an immutable body given in pieces, or a single byte range of it (RFC 9110 §14.2).
 *
 * @param chunks in order; never copied.
 */
export function sendImmutable(
  { request, response, audience }: Exchange,
  kind: BodyKind,
  chunks: readonly Buffer[],
  sizeBytes: number,
): void {
  const { headers } = request
  const caching = ['Cache-Control', kind.cacheControl[audience.cache], ...audience.headers]
  if (audience.vary !== undefined) caching.push('Vary', audience.vary)
  const range = headers.range === undefined ? undefined : parseRange(headers.range, sizeBytes)
  if (range === 'unsatisfiable') {
    response.writeHead(416, ['Content-Range', `bytes */${sizeBytes}`, 'Content-Length', '0', ...caching])
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
    ...caching,
  ])
  if (request.method === 'HEAD') response.end()
  else writeChunks(response, range ? sliceChunks(chunks, range.start, range.end) : chunks)
}

/** Begins a body that grows while it is read: its length is not known, so it goes out chunked. */
export function beginGrowing({ response, audience }: Exchange, kind: BodyKind): void {
  const { contentType, cacheControl } = kind
  const headers = [
    'Content-Type',
    contentType,
    'Cache-Control',
    cacheControl[audience.cache],
    ...audience.headers,
  ]
  if (audience.vary !== undefined) headers.push('Vary', audience.vary)
  response.writeHead(200, headers)
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
