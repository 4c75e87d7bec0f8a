/**
 * A packet's road, wired: ingest → session → packager and transcode → delivery.
 */
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { MediaRoutes, type MediaRoutesOptions } from '../delivery/media-routes.ts'
import type { ViewQuotaBreach } from '../delivery/view-quota.ts'
import type { AdStitching } from '../ads/stitch/ad-stitching.ts'
import type { AdBreak } from '../domain/ad-break.ts'
import type { AccountEvent } from '../domain/account-events.ts'
import type { DropCounts } from '../domain/drops.ts'
import { LIMIT_BREACH } from '../domain/ingest-limits.ts'
import type { LiveMediaDirectory } from '../domain/live.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import type { ViewerAds } from '../domain/viewer-ads.ts'
import { RtmpServer } from '../ingest/rtmp-server.ts'
import type { MediaSink } from '../media/access-unit.ts'
import { LiveMediaRegistry } from '../packager/live-media-registry.ts'
import type { SessionSink } from '../session/live-session.ts'
import { JournalWriter } from '../session/journal-writer.ts'
import { SessionRegistry } from '../session/session-registry.ts'
import type { Store } from '../store/index.ts'
import type { LadderRegistry } from '../transcode/ladder-registry.ts'
import type { ServerConfig } from './config/server-config.ts'
import type { EventRoad } from './event-road.ts'
import { attachLadder, createLadders } from './ladders.ts'
import type { MetricStore } from '../metrics/index.ts'
import { startStreamMetrics, type StreamMetrics } from './stream-metrics.ts'
import type { PlaybackAccess } from './playback-access.ts'
import { parseTrustedProxies, viewerAddress } from './viewer-address.ts'

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
  readonly media: LiveMediaDirectory
  readonly routes: MediaRoutes
  readonly rtmp: RtmpServer
  readonly ladders: LadderRegistry
  readonly metrics: StreamMetrics
}

/** Who may watch, and what viewing sessions are signed with. */
export type PlaybackDecisions = Pick<MediaRoutesOptions, 'access' | 'sessionKeys'> &
  Pick<PlaybackAccess, 'policies' | 'countryOf'>

/** Where the road tells of what happens on it. */
export type RoadEvents = { readonly events: Pick<EventRoad, 'accountEvents' | 'wake'> }

/** What stands beside the road: counts of what falls off it, values of streams, and the ads that are put between. */
export type RoadAds = {
  readonly drops: DropCounts
  readonly metricStore: MetricStore
  readonly ads: Pick<AdStitching, keyof ViewerAds | 'breakInserted' | 'lingers'>
}

/** Makes the road; nothing listens yet. */
export function createLiveRoad(
  config: ServerConfig,
  logger: Logger,
  identity: ServiceIdentity,
  store: Store,
  nodeId: string,
  { events, drops, ads, metricStore, ...playback }: PlaybackDecisions & RoadEvents & RoadAds,
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
    drops,
    lingers: ads.lingers,
  })
  const basePath = new URL(identity.publicUrl).pathname.replace(/\/$/, '')
  const routes = new MediaRoutes({
    live: media,
    ads,
    clock,
    logger,
    basePath,
    maxBodyMs: MAX_BODY_MS,
    maxReaderBacklogBytes,
    maxViewers: config.maxViewers,
    maxViewersPerAccount: config.quotas.concurrentViews,
    access: playback.access,
    sessionKeys: playback.sessionKeys,
    viewerAddress: addressReader(config.trustedProxies),
    countryOf: playback.countryOf,
    onViewQuotaBreach: (breach) => {
      logger.warn('concurrent views of an account are at their quota', breach)
      events.accountEvents.note(viewersBreached(breach))
    },
  })
  const journal = new JournalWriter({
    store: store.streamSessions,
    recordingConfigurations: store.recordingConfigurations,
    clock,
    logger,
    nodeId,
    onWritten: events.wake,
  })
  // A publisher is asked for no header: its socket tells where it is.
  const addressCountry = (remoteAddress: string): string | undefined =>
    playback.countryOf(viewerAddress(remoteAddress, undefined, undefined))
  const ladders = createLadders(config, logger)
  const metrics = startStreamMetrics(metricStore, clock, { get: (channelArn) => sessions.get(channelArn) })
  const sessions = new SessionRegistry({
    clock,
    logger,
    journal,
    accountEvents: events.accountEvents,
    silenceTimeoutMs: config.silenceTimeoutMs,
    adLeadMs: config.adLeadSeconds * 1000,
    ingestLimits: config.ingestLimits === 'on' ? config.ingestQuotas : undefined,
    maxStreams: config.maxStreams,
    maxBroadcastsPerAccount: config.quotas.concurrentBroadcasts,
    maxTakeovers: config.quotas.streamTakeovers,
    drops,
    viewerCount: routes.viewerCount,
    onOpened: (session) => {
      const { streamId, channel } = session
      playback.policies.begin({ streamId, channel })
      session.addSink(whenEnded(() => playback.policies.end(streamId)))
      const packager = media.package({ streamId, channel, onPlayable: () => session.markPlayable() })
      session.addSink(packager.source)
      session.addSink(adBreaksTo((adBreak) => ads.breakInserted(packager.media, adBreak)))
      session.addSink(
        metrics.sampler.watch(streamId, channel, {
          streamer: () => addressCountry(session.publisherAddress),
          viewers: () => routes.viewersByCountry(streamId),
        }),
      )
      attachLadder(ladders, session, packager)
    },
  })
  const rtmp = new RtmpServer({
    clock,
    logger,
    streamKeys: store.streamKeys,
    publishPort: sessions,
    drops,
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
  return { sessions, journal, media, routes, rtmp, ladders, metrics }
}

function addressReader(trustedProxies: string | undefined): MediaRoutesOptions['viewerAddress'] {
  const trusted = trustedProxies === undefined ? undefined : parseTrustedProxies(trustedProxies)
  return ({ socket, headers }) => {
    const forwardedFor = headers['x-forwarded-for']
    return viewerAddress(socket.remoteAddress ?? '', forwardedFor?.toString(), trusted)
  }
}

function viewersBreached(breach: ViewQuotaBreach): AccountEvent {
  const { accountId, timeMs, limit, exceededBy } = breach
  const detail = { limit_name: 'Concurrent Viewers', limit_value: limit, exceeded_by: exceededBy }
  return { accountId, type: LIMIT_BREACH, timeMs, detail: { ...detail, limit_unit: 'viewers' } }
}

/** A sink that takes no media and tells of ad breaks. */
function adBreaksTo(onAdBreak: (adBreak: AdBreak) => void): SessionSink {
  return { onTrack: () => undefined, onUnit: () => undefined, onEnd: () => undefined, onAdBreak }
}

/** A sink that takes no media and tells of the end. */
function whenEnded(onEnd: () => void): MediaSink {
  return { onTrack: () => undefined, onUnit: () => undefined, onEnd }
}
