/**
 * The wiring: the only place that knows both sides of every port. Starts the rooms bottom up, and stops them in the
 * opposite order.
 */
import type { RequestListener } from 'node:http'
import { createApi } from '../api/index.ts'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { MediaRoutes } from '../delivery/media-routes.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import { RtmpServer } from '../ingest/rtmp-server.ts'
import { LiveMediaRegistry } from '../packager/live-media-registry.ts'
import { SessionRegistry } from '../session/session-registry.ts'
import { openStore, type Store } from '../store/index.ts'
import { resolveIngestHost, resolvePublicUrl } from './config/addresses.ts'
import { urlHost } from './config/hosts.ts'
import type { ServerConfig } from './config/server-config.ts'
import { createConsoleSite, type ConsoleFacts } from './console-site.ts'
import { startDemo } from './demo.ts'
import { createHttpFront, type HttpRoads } from './http-front.ts'
import { endConnections, listen, stopListening } from './listening.ts'
import { packageVersion } from './package-version.ts'
import { loadTlsIdentity } from './tls-certificate.ts'
import { createTlsPort } from './tls-port.ts'

/** A server that listens. */
export type RunningServer = {
  /** Every address, as it can be opened. */
  readonly addresses: readonly { readonly name: string; readonly url: string }[]
  /** Ends streams cleanly, finishes writing and stops. Later calls wait for the first. */
  readonly close: () => Promise<void>
}

/** Longest time for the body of one media answer: what is slower falls out of the window. */
const MAX_BODY_MS = 30_000
/** Connections that one address may hold without publishing. */
const MAX_WAITING_PER_ADDRESS = 50
/** The session's silence limit speaks first; the socket's own is the net below it. */
const IDLE_MARGIN_MS = 5000
/** For one rendition: about 34 Mbps over the default window. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024
/** HTTP answers under way get this long when the server stops. */
const CLOSE_GRACE_MS = 2000

/**
 * Starts everything.
 *
 * @throws {StoreError | TlsError} with a message for people, or the system's error when a port cannot be opened.
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  // What was opened is closed again if a later step fails.
  await using starting = new AsyncDisposableStack()
  const store = starting.use(await openStore({ dataDir: config.dataDir }))
  const roads = notReadyRoads()
  const http = createHttpFront(roads, config.maxViewerConnections)
  const httpPort = await listen(http, config.httpPort, config.host)
  starting.defer(() => stopListening(http))
  const identity = identityOf(config, httpPort)

  const live = createLiveRoad(config, logger, identity, store)
  starting.defer(() => endConnections(http, CLOSE_GRACE_MS))
  starting.defer(() => live.rtmp.close())
  starting.defer(() => live.sessions.close('shutdown'))
  const rtmpPort = await live.rtmp.listen(config.rtmpPort, config.host)

  const hosts = [...new Set([new URL(identity.publicUrl).hostname, identity.ingestHost, config.host])]
  const tls = createTlsPort({
    identity: await loadTlsIdentity({ ...config, hosts, nowMs: systemClock.nowMs(), logger }),
    http,
    onRtmp: (socket, firstBytes) => live.rtmp.accept(socket, { secure: true, firstBytes }),
    clock: systemClock,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    maxConnections: config.maxViewerConnections,
  })
  const tlsPort = await listen(tls, config.tlsPort, config.host)
  starting.defer(() => stopListening(tls))

  const addresses = addressesOf(config, identity, { httpPort, rtmpPort, tlsPort })
  await openRoads(roads, starting, { config, live, store, identity, logger, addresses })
  if (config.demo) {
    const rtmpUrl = addresses.rtmp
    starting.use(await startDemo({ store, identity, rtmpUrl, clock: systemClock, logger }))
  }
  const running = starting.move()
  let closing: Promise<void> | undefined
  return {
    addresses: Object.entries(addresses).map(([name, url]) => ({ name, url })),
    close: () => (closing ??= running.disposeAsync()),
  }
}

type LiveRoad = {
  readonly sessions: SessionRegistry
  readonly routes: MediaRoutes
  readonly rtmp: RtmpServer
}

/** A packet's road: ingest → session → packager → delivery. */
function createLiveRoad(
  config: ServerConfig,
  logger: Logger,
  identity: ServiceIdentity,
  store: Store,
): LiveRoad {
  const clock = systemClock
  const { segmentMs, partMs, windowSeconds, maxReaderBacklogBytes } = config
  const media = new LiveMediaRegistry({
    clock,
    logger,
    segmentMs,
    partMs,
    windowSeconds,
    maxWindowBytes: MAX_WINDOW_BYTES,
  })
  const basePath = new URL(identity.publicUrl).pathname.replace(/\/$/, '')
  const routes = new MediaRoutes({
    live: media,
    clock,
    basePath,
    maxBodyMs: MAX_BODY_MS,
    maxReaderBacklogBytes,
  })
  const sessions = new SessionRegistry({
    clock,
    logger,
    silenceTimeoutMs: config.silenceTimeoutMs,
    maxStreams: config.maxStreams,
    viewerCount: routes.viewerCount,
    onOpened: (session) => {
      const { streamId, channel } = session
      session.addSink(media.package({ streamId, channel, onPlayable: () => session.markPlayable() }))
    },
  })
  const rtmp = new RtmpServer({
    clock,
    logger,
    streamKeys: store.streamKeys,
    publishPort: sessions,
    config: {
      handshakeTimeoutMs: config.handshakeTimeoutMs,
      publishTimeoutMs: config.publishTimeoutMs,
      idleTimeoutMs: config.silenceTimeoutMs + IDLE_MARGIN_MS,
      audioOnlyTimeoutMs: config.audioOnlyTimeoutMs,
      allowInsecureLoopbackIngest: config.allowInsecureLoopbackIngest,
      maxPublishConnections: config.maxPublishConnections,
      maxWaitingPerAddress: MAX_WAITING_PER_ADDRESS,
    },
  })
  return { sessions, routes, rtmp }
}

/** Requests that come before everything listens. */
function notReadyRoads(): HttpRoads {
  const notReady: RequestListener = (_request, response) => {
    response.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('starting\n')
  }
  return { media: () => false, console: notReady, api: notReady }
}

type Addresses = {
  readonly console: string
  readonly api: string
  readonly https: string
  readonly rtmp: string
  readonly rtmps: string
}

async function openRoads(
  roads: HttpRoads,
  starting: AsyncDisposableStack,
  parts: {
    readonly config: Pick<ServerConfig, 'accessKeys'>
    readonly live: LiveRoad
    readonly store: Store
    readonly identity: ServiceIdentity
    readonly logger: Logger
    readonly addresses: Addresses
  },
): Promise<void> {
  const { config, live, store, identity, logger, addresses } = parts
  const facts: ConsoleFacts = {
    version: packageVersion(),
    rtmpUrl: addresses.rtmp,
    rtmpsUrl: addresses.rtmps,
  }
  const console = await createConsoleSite(facts)
  starting.defer(() => console.close())
  const api = createApi({
    store,
    live: live.sessions,
    control: live.sessions,
    identity,
    logger,
    clock: systemClock,
    accessKeys: config.accessKeys,
  })
  starting.defer(() => api.close())
  await api.ready()
  roads.media = (request, response) => live.routes.handle(request, response)
  roads.console = (request, response) => console.routing(request, response)
  roads.api = (request, response) => api.routing(request, response)
}

function identityOf(config: ServerConfig, httpPort: number): ServiceIdentity {
  const publicUrl = resolvePublicUrl(config, httpPort)
  return {
    region: config.region,
    accountId: config.account,
    publicUrl,
    ingestHost: resolveIngestHost(config, publicUrl),
  }
}

function addressesOf(
  config: ServerConfig,
  identity: ServiceIdentity,
  ports: { readonly httpPort: number; readonly rtmpPort: number; readonly tlsPort: number },
): Addresses {
  const host = urlHost(config.host)
  const ingest = urlHost(identity.ingestHost)
  return {
    console: `${identity.publicUrl}/`,
    api: identity.publicUrl,
    https: `https://${host}:${ports.tlsPort}`,
    rtmp: `rtmp://${ingest}:${ports.rtmpPort}/app`,
    rtmps: `rtmps://${ingest}:${ports.tlsPort}/app`,
  }
}
