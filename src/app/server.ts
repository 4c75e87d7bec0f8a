/**
 * The wiring: the only place that knows both sides of every port. Starts the rooms bottom up, and stops them in the
 * opposite order.
 */
import type { RequestListener, Server } from 'node:http'
import { join } from 'node:path'
import type { Server as TlsServer } from 'node:tls'
import { createApi, createReadAccess } from '../api/index.ts'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { PlayerRoutes } from '../ads/mediatailor/player-routes.ts'
import { SessionKeys } from '../delivery/session-keys.ts'
import { DropCounts } from '../domain/drops.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import { endInterruptedSessions } from '../session/end-interrupted.ts'
import { startRecordingActivation } from '../record/recording-activation.ts'
import { diskRecordingBuckets, openStore, type Store } from '../store/index.ts'
import { resolveIngestHost, resolvePublicUrl } from './config/addresses.ts'
import { urlHost } from './config/hosts.ts'
import type { ServerConfig } from './config/server-config.ts'
import { adProfileOf } from '../ads/conditioning/ad-profile.ts'
import { openAdRoad, type AdRoad } from './ad-road.ts'
import { createConsoleSite, type ConsoleFacts } from './console-site.ts'
import { startDemoAds, type DemoAds } from './demo-ads/demo-ads.ts'
import { isCreativeMade, warmCreatives } from './demo-ads/warm-creatives.ts'
import { startDemo } from './demo.ts'
import { startHousekeeping } from './housekeeping.ts'
import { startEventRoad, type EventRoad } from './event-road.ts'
import { createHttpFront, type HttpRoads } from './http-front.ts'
import { consoleLadder, tryEncoder } from './ladders.ts'
import { createLiveRoad, type LiveRoad } from './live-road.ts'
import { endConnections, listen, stopListening } from './listening.ts'
import { loadNodeId } from './node-id.ts'
import { createMetricStore } from './stream-metrics.ts'
import { openMetricsPage } from './metrics-road.ts'
import { packageVersion } from './package-version.ts'
import { openPlaybackAccess } from './playback-access.ts'
import { createPlayerRoad } from './player-road.ts'
import { loadTlsIdentity } from './tls-certificate.ts'
import { createTlsPort } from './tls-port.ts'

/** A server that listens. */
export type RunningServer = {
  /** Every address, as it can be opened. */
  readonly addresses: readonly { readonly name: string; readonly url: string }[]
  /** Resolves when the server has lost what it cannot work without; closing it is all that is left to do. */
  readonly failed: Promise<Error>
  /** Ends streams cleanly, finishes writing and stops. Later calls wait for the first. */
  readonly close: () => Promise<void>
}

/** Recordings go to directories in here, inside the data directory. */
const BUCKETS_DIRECTORY = 'buckets'
/** HTTP answers under way get this long when the server stops. */
const CLOSE_GRACE_MS = 2000
/** So long the children that transcode may take to go after they were killed. */
const LADDERS_GRACE_MS = 1000
/** So long the last records of ended streams may take. */
const JOURNAL_GRACE_MS = 3000

/**
 * Starts everything.
 *
 * @throws {StoreError | TlsError | CountryDatabaseError} with a message for people, or the system's error when a port cannot be opened.
 */
export async function startServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  // What was opened is closed again if a later step fails.
  await using starting = new AsyncDisposableStack()
  const store = starting.use(await openStore(config))
  const roads = notReadyRoads()
  const http = createHttpFront(roads, config.maxViewerConnections)
  const httpPort = await listen(http, config.httpPort, config.host)
  starting.defer(() => stopListening(http))

  const identity = identityOf(config, httpPort)
  // Before whatever may call it, which has to be told that it may.
  const demoAds = config.demo ? await startDemoAds({ ...config, clock: systemClock, logger }) : undefined
  starting.use(demoAds)
  const nodeId = await loadNodeId(config.dataDir)
  const sessionKeys = starting.use(
    await SessionKeys.open({ secrets: store.secrets, clock: systemClock, logger }),
  )
  const playback = starting.use(await openPlaybackAccess(config, store, logger))
  const authorize = createReadAccess({ accessKeys: config.accessKeys, identity, clock: systemClock })
  const drops = new DropCounts()
  const events = await startEventRoad({ config, store, identity, nodeId, drops, authorize, logger })
  starting.defer(() => events.close())
  const metricStore = createMetricStore(config, systemClock)
  const ads = starting.use(
    await openAdRoad({ config, store, nodeId, ownAdServer: demoAds?.hostPort, metricStore, logger }),
  )
  const live = createLiveRoad(config, logger, identity, store, nodeId, {
    ...playback,
    sessionKeys,
    events,
    drops,
    metricStore,
    ads: ads.stitching,
  })
  starting.defer(() => live.ladders.close(LADDERS_GRACE_MS))
  starting.use(live.metrics.sampler)
  await startRecords(starting, { store, live, nodeId, logger })
  await tryEncoder(config, logger)
  const rtmpPort = await live.rtmp.listen(config.rtmpPort, config.host)
  starting.defer(() => live.rtmp.close())

  const tls = await createTlsFront(config, logger, identity, http, live)
  const tlsPort = await listen(tls, config.tlsPort, config.host)
  starting.defer(() => void stopListening(tls))

  const addresses = addressesOf(config, identity, { httpPort, rtmpPort, tlsPort })
  roads.metrics = openMetricsPage(
    config,
    { metrics: live.metrics, live, events, playback, ads, http, drops },
    logger,
  )
  await openRoads(roads, starting, {
    config,
    live,
    players: createPlayerRoad({ identity, store, ads, live, sessionKeys, logger }),
    events,
    store: playback.store,
    identity,
    logger,
    addresses,
    adServerUrl: demoAds?.url,
  })
  // Runs before all of the above: whoever waits for media hears of the end, then connections go.
  starting.defer(async () => {
    void stopListening(tls)
    events.stream.close()
    live.sessions.close('shutdown')
    await Promise.all([live.rtmp.close(), endConnections(http, CLOSE_GRACE_MS)])
  })
  if (config.demo) {
    const rtmpUrl = addresses.rtmp
    const { demoType: type, ffmpeg } = config
    const adDecisionServerUrl = demoAds?.adDecisionServerUrl
    const demo = { store, identity, rtmpUrl, type, adDecisionServerUrl, ffmpeg, clock: systemClock, logger }
    const { channelArn } = starting.use(await startDemo(demo))
    if (demoAds) starting.defer(warmDemoAds(demoAds, channelArn, { live, ads }))
  }
  const running = starting.move()
  let closing: Promise<void> | undefined
  return {
    addresses: Object.entries({ ...addresses, ...(demoAds && { 'ad server': demoAds.url }) }).map(
      ([name, url]) => ({ name, url }),
    ),
    failed: store.lost,
    close: () => (closing ??= running.disposeAsync()),
  }
}

/** The first break of the demo shall show ads. */
function warmDemoAds(
  { creatives }: DemoAds,
  channelArn: string,
  { live, ads }: { readonly live: LiveRoad; readonly ads: AdRoad },
): () => void {
  return warmCreatives({
    creatives,
    library: ads.library,
    profile: () => {
      const media = live.media.byChannel(channelArn)
      return media && adProfileOf(media)
    },
    isMade: isCreativeMade,
    clock: systemClock,
  })
}

/** The records of the last run are in order before a publisher is let in, and those of this one when all are gone. */
async function startRecords(
  starting: AsyncDisposableStack,
  parts: {
    readonly store: Store
    readonly live: LiveRoad
    readonly nodeId: string
    readonly logger: Logger
  },
): Promise<void> {
  const { store, live, nodeId, logger } = parts
  const interrupted = await endInterruptedSessions(store.streamSessions, { nodeId })
  if (interrupted > 0) logger.warn('ended streams that a crash interrupted', { streams: interrupted })
  starting.use(startHousekeeping({ ...store, nodeId, clock: systemClock, logger }))
  starting.defer(() => live.journal.close(JOURNAL_GRACE_MS))
}

async function createTlsFront(
  config: ServerConfig,
  logger: Logger,
  identity: ServiceIdentity,
  http: Server,
  live: LiveRoad,
): Promise<TlsServer> {
  const hosts = [...new Set([new URL(identity.publicUrl).hostname, identity.ingestHost, config.host])]
  return createTlsPort({
    identity: await loadTlsIdentity({ ...config, hosts, nowMs: systemClock.nowMs(), logger }),
    http,
    onRtmp: (socket, firstBytes) => live.rtmp.accept(socket, { secure: true, firstBytes }),
    clock: systemClock,
    handshakeTimeoutMs: config.handshakeTimeoutMs,
    maxConnections: config.maxViewerConnections,
  })
}

/** Requests that come before everything listens. */
function notReadyRoads(): HttpRoads {
  const notReady: RequestListener = (_request, response) => {
    response.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1' }).end('starting\n')
  }
  const none = (): boolean => false
  return { media: none, events: none, metrics: none, console: notReady, api: notReady }
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
    readonly config: Pick<ServerConfig, 'accessKeys' | 'dataDir' | 'throttling' | 'callRates' | 'quotas'>
    readonly live: LiveRoad
    readonly players: PlayerRoutes
    readonly events: EventRoad
    readonly store: Store
    readonly identity: ServiceIdentity
    readonly logger: Logger
    readonly addresses: Addresses
    readonly adServerUrl: string | undefined
  },
): Promise<void> {
  const { config, live, players, events, store, identity, logger, addresses, adServerUrl } = parts
  const facts: ConsoleFacts = {
    version: packageVersion(),
    rtmpUrl: addresses.rtmp,
    rtmpsUrl: addresses.rtmps,
    ...(adServerUrl !== undefined && { adServerUrl }),
  }
  const console = await createConsoleSite({ facts, ladderOf: (arn) => consoleLadder(live, arn) })
  starting.defer(() => console.close())
  const recordingActivation = starting.use(
    startRecordingActivation({
      configurations: store.recordingConfigurations,
      buckets: diskRecordingBuckets(join(config.dataDir, BUCKETS_DIRECTORY)),
      clock: systemClock,
      logger,
    }),
  )
  const api = createApi({
    store,
    live: live.sessions,
    control: live.sessions,
    recordingActivation,
    identity,
    logger,
    clock: systemClock,
    accessKeys: config.accessKeys,
    metrics: live.metrics.store,
    limits: config.quotas,
    callRates: config.throttling === 'on' ? config.callRates : undefined,
  })
  starting.defer(() => api.close())
  await api.ready()
  roads.media = (request, response) =>
    players.handle(request, response) || live.routes.handle(request, response)
  roads.events = (request, response) => events.stream.handle(request, response)
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
