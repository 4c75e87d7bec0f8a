/**
 * A packet's road, wired: ingest → session → packager → delivery.
 */
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { MediaRoutes, type MediaRoutesOptions } from '../delivery/media-routes.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import { RtmpServer } from '../ingest/rtmp-server.ts'
import { LiveMediaRegistry } from '../packager/live-media-registry.ts'
import { JournalWriter } from '../session/journal-writer.ts'
import { SessionRegistry } from '../session/session-registry.ts'
import type { Store } from '../store/index.ts'
import type { ServerConfig } from './config/server-config.ts'

/** Longest time for the body of one media answer: what is slower falls out of the window. */
const MAX_BODY_MS = 30_000
/** Connections that one address may hold without publishing. */
const MAX_WAITING_PER_ADDRESS = 50
/** The session's silence limit speaks first; the socket's own is the net below it. */
const IDLE_MARGIN_MS = 5000
/** For one rendition: about 34 Mbps over the default window. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024

/** The rooms a packet passes, in the order of its way back: where it is fetched, what it is part of, where it came in. */
export type LiveRoad = {
  readonly sessions: SessionRegistry
  readonly journal: JournalWriter
  readonly routes: MediaRoutes
  readonly rtmp: RtmpServer
}

/** Who may watch, and what viewing sessions are signed with. */
export type PlaybackDecisions = Pick<MediaRoutesOptions, 'access' | 'sessionKeys'>

/** Makes the road; nothing listens yet. */
export function createLiveRoad(
  config: ServerConfig,
  logger: Logger,
  identity: ServiceIdentity,
  store: Store,
  nodeId: string,
  playback: PlaybackDecisions,
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
    logger,
    basePath,
    maxBodyMs: MAX_BODY_MS,
    maxReaderBacklogBytes,
    maxViewers: config.maxViewers,
    maxViewersPerAccount: config.quotas.concurrentViews,
    access: playback.access,
    sessionKeys: playback.sessionKeys,
    viewerAddress: ({ socket }) => socket.remoteAddress ?? '',
    onViewQuotaBreach: (breach) => logger.warn('concurrent views of an account are at their quota', breach),
  })
  const journal = new JournalWriter({
    store: store.streamSessions,
    recordingConfigurations: store.recordingConfigurations,
    clock,
    logger,
    nodeId,
  })
  const sessions = new SessionRegistry({
    clock,
    logger,
    journal,
    accountEvents: { note: () => undefined },
    silenceTimeoutMs: config.silenceTimeoutMs,
    ingestLimits: config.ingestLimits === 'on' ? config.ingestQuotas : undefined,
    maxStreams: config.maxStreams,
    maxBroadcastsPerAccount: config.quotas.concurrentBroadcasts,
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
  return { sessions, journal, routes, rtmp }
}
