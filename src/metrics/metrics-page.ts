/**
 * `GET /metrics` over HTTP, for those who may read it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../base/logger.ts'
import type { Exposition } from './exposition.ts'

/** What the page needs. */
export type MetricsPageOptions = {
  readonly exposition: Exposition
  /** Whoever knows it may read; without one only programs on this machine, and not through a proxy. */
  readonly token: string | undefined
  readonly logger: Logger
}

const PATH = /^\/metrics(?:\?|$)/
const LOOPBACK = /^(?:::1|(?:::ffff:)?127\.[0-9.]+)$/

/** Answers `request` if it is for the page; false when it is for someone else. */
export type MetricsPage = (request: IncomingMessage, response: ServerResponse) => boolean

/** Makes the page. */
export function createMetricsPage(options: MetricsPageOptions): MetricsPage {
  const { exposition, token, logger } = options
  return (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || !PATH.test(request.url ?? '')) return false
    if (!mayRead(request, token)) {
      response.writeHead(403, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
      response.end('metrics are for programs on this machine, or for those who have the token\n')
      return true
    }
    exposition.print().then(
      (text) => {
        response.writeHead(200, { 'Content-Type': exposition.contentType, 'Cache-Control': 'no-store' })
        response.end(request.method === 'HEAD' ? undefined : text)
      },
      (error: unknown) => {
        logger.error('metrics could not be printed', { err: error })
        response.writeHead(500).end()
      },
    )
    return true
  }
}

function mayRead({ headers, socket }: IncomingMessage, token: string | undefined): boolean {
  if (token !== undefined) return isSame(headers.authorization ?? '', `Bearer ${token}`)
  // Behind a proxy on this machine every viewer looks like one of its programs.
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined
  return !isForwarded && LOOPBACK.test(socket.remoteAddress ?? '') && isOwnHost(headers.host ?? '')
}

// A web page elsewhere can point a name of its own at this machine; then the host is that name.
function isOwnHost(host: string): boolean {
  return /^(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?$/.test(host)
}

// Hashes, because texts of different lengths cannot be compared in constant time.
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(hashOf(left), hashOf(right))
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
