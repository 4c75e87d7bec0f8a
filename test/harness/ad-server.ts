/**
 * An ad server on loopback that answers as a test says, serves creatives from files, and keeps every request and every
 * tracking hit.
 *
 * Its URLs carry who asked (`sid`, from the ad request's own query), so that hits can be told apart by viewing session.
 */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { vastOf, wrapperOf, type TestAd, type TrackingUrls } from './vast-documents.ts'

/** A request for ads. */
export type AdRequest = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `sid` of the query; empty when it has none. */
  readonly sessionId: string
  readonly atMs: number
  /** Where this session's events of an ad are reported; for documents of a test's own. */
  readonly trackingUrl: TrackingUrls
}

/** A beacon that arrived. */
export type TrackingHit = {
  readonly sessionId: string
  readonly adId: string
  readonly event: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly atMs: number
}

/** An answer; a promise of one that never resolves for an ad server that hangs. */
export type AdAnswer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Makes the answer to an ad request. */
export type AdAnswering = (request: AdRequest) => AdAnswer | Promise<AdAnswer>

/** A running ad server; `await using` stops it. */
export type TestAdServer = AsyncDisposable & {
  readonly baseUrl: string
  /** As an allow-list takes it. */
  readonly hostPort: string
  /** Ad request template with session and duration; `more` is appended, e.g. `&vid=[player_params.viewer]`. */
  readonly template: (more?: string) => string
  /** Serves the file from now on; its URL. */
  readonly serveFile: (file: string) => string
  /** Changes the answers from now on. */
  readonly answerWith: (answering: AdAnswering) => void
  /** While set, tracking gets this status instead of 204. Hits count either way. */
  readonly failTracking: (status: number | undefined) => void
  /** While true, tracking is heard and not answered. */
  readonly holdTracking: (isHeld: boolean) => void
  /** Ad requests, in order. */
  readonly requests: readonly AdRequest[]
  /** Tracking hits in order, of all sessions; those that were answered with a failure too. */
  readonly hits: readonly TrackingHit[]
  /** Hits of a session as `<ad>:<event>`, in order. */
  readonly eventsOf: (sessionId: string) => readonly string[]
  /** Paths of creatives that were fetched, in order. */
  readonly fetchedFiles: readonly string[]
}

const AD_PATH = '/ads'
const TRACKING_PATH = '/t'
const MEDIA_PATH = '/media/'

/** Starts an ad server, on `port` where one is to come back; without `answering` it has no ads. */
export async function startTestAdServer(
  answering: AdAnswering = () => noAds(),
  port = 0,
): Promise<TestAdServer> {
  const requests: AdRequest[] = []
  const hits: TrackingHit[] = []
  const files = new Map<string, string>()
  const fetchedFiles: string[] = []
  let answer = answering
  let trackingStatus: number | undefined
  let isTrackingHeld = false
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end(String(error))
    })
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const hostPort = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const baseUrl = `http://${hostPort}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', baseUrl)
    if (url.pathname === TRACKING_PATH) {
      hits.push(hitOf(url.searchParams, request.headers))
      if (!isTrackingHeld) response.writeHead(trackingStatus ?? 204).end()
    } else if (url.pathname.startsWith(MEDIA_PATH)) {
      fetchedFiles.push(url.pathname)
      await sendFile(files.get(url.pathname), response)
    } else await answerAds(request, response, url)
  }

  async function answerAds(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const sessionId = url.searchParams.get('sid') ?? ''
    const asked: AdRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: await text(request),
      sessionId,
      atMs: Date.now(),
      trackingUrl: (ad, event) =>
        `${baseUrl}${TRACKING_PATH}?${new URLSearchParams({ sid: sessionId, ad, event }).toString()}`,
    }
    requests.push(asked)
    const { status = 200, headers = { 'Content-Type': 'application/xml' }, body = '' } = await answer(asked)
    response.writeHead(status, headers).end(body)
  }

  return {
    baseUrl,
    hostPort,
    template: (more = '') =>
      `${baseUrl}${AD_PATH}?sid=[session.uuid]&dur=[session.avail_duration_secs]${more}`,
    serveFile: (file) => {
      const path = `${MEDIA_PATH}${files.size}/${basename(file)}`
      files.set(path, file)
      return `${baseUrl}${path}`
    },
    answerWith: (answering) => (answer = answering),
    failTracking: (status) => (trackingStatus = status),
    holdTracking: (isHeld) => (isTrackingHeld = isHeld),
    requests,
    hits,
    eventsOf: (sessionId) =>
      hits.filter((hit) => hit.sessionId === sessionId).map(({ adId, event }) => `${adId}:${event}`),
    fetchedFiles,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Ads to be played one after the other. */
export function podAnswer(ads: readonly TestAd[]): AdAnswering {
  return (request) => {
    const pod = ads.map((ad, index) => ({ sequence: index + 1, ...ad }))
    return { body: vastOf(pod, request.trackingUrl) }
  }
}

/** `hops` wrappers named `wrapper-1`, `wrapper-2`, … before what `last` answers. */
export function wrappedAnswer(hops: number, last: AdAnswering): AdAnswering {
  return (request) => {
    const hop = Number(request.query.get('hop') ?? '0')
    if (hop >= hops) return last(request)
    const next = new URLSearchParams(request.query)
    next.set('hop', String(hop + 1))
    const nextUrl = `http://${request.headers.host ?? ''}${request.path}?${next.toString()}`
    return { body: wrapperOf(`wrapper-${hop + 1}`, nextUrl, request.trackingUrl) }
  }
}

/** What `answering` says, with its events reported to the server at `baseUrl`. */
export function reportedTo(baseUrl: string, answering: AdAnswering): AdAnswering {
  return (request) => {
    const trackingUrl: TrackingUrls = (ad, event) => {
      const { pathname, search } = new URL(request.trackingUrl(ad, event))
      return new URL(`${pathname}${search}`, baseUrl).href
    }
    return answering({ ...request, trackingUrl })
  }
}

/** A valid document without ads. */
export function noAds(): AdAnswer {
  return { body: vastOf([], () => '') }
}

/** What `answering` says, after `delayMs`. */
export function delayedAnswer(delayMs: number, answering: AdAnswering): AdAnswering {
  return async (request) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    return answering(request)
  }
}

/** No answer at all; the connection stays open until the server is stopped. */
export function hangingAnswer(): AdAnswering {
  return () => new Promise(() => undefined)
}

/** A document that breaks off. */
export function malformedAnswer(): AdAnswer {
  return { body: '<?xml version="1.0"?><VAST version="4.0"><Ad id="1"><InLine><AdSystem>' }
}

function hitOf(query: URLSearchParams, headers: IncomingHttpHeaders): TrackingHit {
  return {
    sessionId: query.get('sid') ?? '',
    adId: query.get('ad') ?? '',
    event: query.get('event') ?? '',
    query,
    headers,
    atMs: Date.now(),
  }
}

async function sendFile(file: string | undefined, response: ServerResponse): Promise<void> {
  const size = file === undefined ? undefined : (await stat(file).catch(() => undefined))?.size
  if (file === undefined || size === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('no such creative\n')
    return
  }
  response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': size })
  createReadStream(file).pipe(response)
}
