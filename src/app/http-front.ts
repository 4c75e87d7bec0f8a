/**
 * The HTTP server in front of everything: media first, because it is the busiest road, then the console, then the API,
 * which answers whatever nobody knows.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { isConsolePath } from './console-site.ts'

/** The roads behind the port; they may be set after it was opened. */
export type HttpRoads = {
  /** Answers the request if it is for media. */
  media: (...exchange: Parameters<RequestListener>) => boolean
  /** Answers the request if it is for the stream of events. */
  events: (...exchange: Parameters<RequestListener>) => boolean
  /** Answers the request if it is for the metrics of the process. */
  metrics: (...exchange: Parameters<RequestListener>) => boolean
  console: RequestListener
  api: RequestListener
}

const KEEP_ALIVE_MS = 65_000
/** A request head must be whole by then; bodies are bounded by the API. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000
const MAX_HEADER_BYTES = 16 * 1024

/** Makes the server; the caller listens. */
export function createHttpFront(roads: HttpRoads, maxConnections: number): Server {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    },
    (request, response) => {
      if (roads.media(request, response) || roads.events(request, response)) return
      if (roads.metrics(request, response)) return
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (isRead && isConsolePath(request.url ?? '/')) roads.console(request, response)
      else roads.api(request, response)
    },
  )
  server.maxConnections = maxConnections
  return server
}
