/**
 * The demo's ad server as an HTTP server: answers ad requests with pods, serves the creatives, takes beacons, and shows
 * them on a page.
 *
 * Reads the address it is asked at from the request, so it names itself the way it was reached.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { BeaconLog } from './beacon-log.ts'
import { beaconsPage, PAGE_POLICY } from './beacons-page.ts'
import { areCreativesMade, creativePath } from './creative-files.ts'
import { DEMO_CREATIVES, podFor } from './creative-plan.ts'
import { printVastPod } from './vast-pod.ts'

/** What the server works with. */
export type DemoAdServerOptions = {
  /** Where the creatives are. */
  readonly directory: string
  readonly clock: Pick<Clock, 'nowMs'>
}

/** Path of ad requests. */
export const VAST_PATH = '/vast'
const BEACON_PATH = '/beacon'
const REPORT_PATH = '/beacons.json'
const MEDIA_PREFIX = '/creatives/'
const METHODS = ['GET', 'HEAD', 'POST']
const ALLOWED = METHODS.join(', ')
const MAX_WANTED_SECONDS = 3600
const MAX_CONNECTIONS = 1000
const REQUEST_TIMEOUT_MS = 10_000

/** Path of a creative's file. */
export function creativeUrlPath(fileName: string): string {
  return `${MEDIA_PREFIX}${fileName}`
}

/** Makes the server; it listens when it is told to. */
export function createDemoAdServer(options: DemoAdServerOptions): Server {
  const log = new BeaconLog()
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    // Players on any page may ask, and report.
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    request.resume()
    answer(request, response, log, options).catch(() => response.destroy())
  })
  server.maxConnections = MAX_CONNECTIONS
  return server
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  log: BeaconLog,
  { directory, clock }: DemoAdServerOptions,
): Promise<void> {
  const url = requestUrl(request)
  if (!url) refuse(response, 400, 'the address cannot be read')
  else if (request.method === 'OPTIONS') allow(response)
  else if (!METHODS.includes(request.method ?? '')) {
    refuse(response.setHeader('Allow', ALLOWED), 405, `only ${ALLOWED}`)
  } else if (url.pathname === '/') {
    response.setHeader('Content-Security-Policy', PAGE_POLICY)
    send(response, 'text/html; charset=utf-8', beaconsPage())
  } else if (url.pathname === REPORT_PATH) {
    send(response, 'application/json', JSON.stringify(log.report()))
  } else if (url.pathname === VAST_PATH) {
    answerVast(url, response, log, directory, clock.nowMs())
  } else if (url.pathname === BEACON_PATH) {
    log.addBeacon(beaconOf(url.searchParams), clock.nowMs())
    response.writeHead(204).end()
  } else await sendCreative(url.pathname, request, response, directory)
}

function answerVast(
  url: URL,
  response: ServerResponse,
  log: BeaconLog,
  directory: string,
  nowMs: number,
): void {
  const wantedSeconds = Number(url.searchParams.get('dur') ?? Number.NaN)
  if (!(wantedSeconds >= 1 && wantedSeconds <= MAX_WANTED_SECONDS)) {
    refuse(response, 400, `dur must say how many seconds to fill, 1 to ${MAX_WANTED_SECONDS}`)
    return
  }
  const viewer = url.searchParams.get('vid') ?? ''
  const session = url.searchParams.get('sid') ?? ''
  // In the first seconds of the first run there is nothing to play yet.
  const creatives = areCreativesMade(directory) ? podFor(Math.floor(wantedSeconds)) : []
  const podId = log.addPod({ viewer, session, wantedSeconds }, creatives, nowMs)
  const vast = printVastPod({
    creatives,
    mediaUrl: ({ fileName }) => new URL(creativeUrlPath(fileName), url).href,
    beaconUrl: ({ id }, position, event) => {
      const query = new URLSearchParams({ pod: podId, ad: id, pos: String(position), event })
      return `${url.origin}${BEACON_PATH}?${query.toString()}`
    },
  })
  send(response, 'application/xml; charset=utf-8', vast)
}

function beaconOf(query: URLSearchParams): { podId: string; position: number; event: string } {
  return {
    podId: query.get('pod') ?? '',
    position: Number(query.get('pos') ?? '0'),
    event: query.get('event') ?? '',
  }
}

async function sendCreative(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  directory: string,
): Promise<void> {
  const creative = DEMO_CREATIVES.find(({ fileName }) => path === creativeUrlPath(fileName))
  if (!creative) {
    refuse(response, 404, 'nothing is at this address')
    return
  }
  const file = creativePath(directory, creative)
  const found = await stat(file).catch(() => undefined)
  if (!found) {
    refuse(response, 404, 'this creative is being made; try again in a moment')
    return
  }
  response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': found.size })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const stream = createReadStream(file)
  stream.once('error', () => response.destroy())
  response.once('close', () => stream.destroy())
  stream.pipe(response)
}

/** The whole address, as the one who asks has it; undefined for nonsense. */
function requestUrl(request: IncomingMessage): URL | undefined {
  const { port } = request.socket.address() as AddressInfo
  const base = `http://${request.headers.host ?? `127.0.0.1:${port}`}`
  const path = request.url ?? '/'
  return path.startsWith('/') ? (URL.parse(path.replace(/^\/+/, '/'), base) ?? undefined) : undefined
}

function allow(response: ServerResponse): void {
  const headers = { 'Access-Control-Allow-Methods': ALLOWED, 'Access-Control-Allow-Headers': '*' }
  response.writeHead(204, headers).end()
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { 'Content-Type': contentType }).end(body)
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}
