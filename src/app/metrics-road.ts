/**
 * What of the rooms is counted for Prometheus, and where it can be read.
 */
import type { Server } from 'node:http'
import type { Logger } from '../base/logger.ts'
import { createExposition, createMetricsPage } from '../metrics/index.ts'
import type { ExposedMetric, MetricsPage } from '../metrics/index.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { StreamHealth } from '../domain/live.ts'
import type { ServerConfig } from './config/server-config.ts'
import { adMetrics } from './ad-metrics.ts'
import type { AdRoad } from './ad-road.ts'
import { creativeMetrics } from './creative-metrics.ts'
import { eventMetrics, givenUpEvents, type CountedEvents } from './event-metrics.ts'
import { ladderMetrics } from './ladder-metrics.ts'
import type { LiveRoad } from './live-road.ts'
import { outboundMetrics } from './outbound-metrics.ts'
import type { PlaybackAccess } from './playback-access.ts'
import { playbackMetrics } from './playback-metrics.ts'
import type { StreamMetrics } from './stream-metrics.ts'

/** What the page counts. */
export type CountedRooms = {
  readonly metrics: StreamMetrics
  readonly live: LiveRoad
  readonly events: CountedEvents
  readonly playback: Pick<PlaybackAccess, 'counts'>
  readonly ads: Pick<AdRoad, 'decider' | 'beacons' | 'stitching' | 'library' | 'outbound'>
  readonly http: Server
  readonly drops: DropCounts
}

const HEALTHS: readonly StreamHealth[] = ['HEALTHY', 'STARVING', 'UNKNOWN']

/** The page for Prometheus; one that answers nothing when it is turned off. */
export function openMetricsPage(
  config: Pick<ServerConfig, 'prometheus' | 'prometheusToken'>,
  rooms: CountedRooms,
  logger: Logger,
): MetricsPage {
  if (config.prometheus === 'off') return () => false
  const exposition = createExposition([
    ...streamMetrics(rooms.metrics),
    ...connectionMetrics(rooms),
    ...queueMetrics(rooms),
    ...ladderMetrics(rooms.live.ladders),
    ...eventMetrics(rooms.events),
    ...playbackMetrics(rooms.playback),
    ...adMetrics(rooms.ads),
    ...creativeMetrics(rooms.ads.library),
    ...outboundMetrics(rooms.ads.outbound),
  ])
  return createMetricsPage({ exposition, token: config.prometheusToken, logger })
}

function streamMetrics({ store, sampler }: StreamMetrics): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_live_streams',
      help: 'Streams that can be played, by health.',
      kind: 'gauge',
      labels: ['health'],
      read: () => {
        const streams = sampler.liveStreams()
        return HEALTHS.map((health) => ({
          labels: { health },
          value: streams.filter((stream) => stream.health === health).length,
        }))
      },
    },
    {
      name: 'headwater_views',
      help: 'Views of all streams together.',
      kind: 'gauge',
      labels: [],
      read: () => [{ value: sampler.liveStreams().reduce((sum, { viewerCount }) => sum + viewerCount, 0) }],
    },
    {
      name: 'headwater_ingest_media_bytes_total',
      help: 'Bytes of pictures and sound that publishers have sent.',
      kind: 'counter',
      labels: ['media'],
      read: () => {
        const { videoBytes, audioBytes } = sampler.totals
        return [
          { labels: { media: 'video' }, value: videoBytes },
          { labels: { media: 'audio' }, value: audioBytes },
        ]
      },
    },
    {
      name: 'headwater_ingest_pictures_total',
      help: 'Pictures that publishers have sent.',
      kind: 'counter',
      labels: [],
      read: () => [{ value: sampler.totals.frames }],
    },
    {
      name: 'headwater_metric_store_bytes',
      help: 'Memory that the values of the last three hours take.',
      kind: 'gauge',
      labels: [],
      read: () => [{ value: store.sizeBytes }],
    },
  ]
}

function connectionMetrics({ live, http }: CountedRooms): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_open_connections',
      help: 'Connections that are open: HTTP, and RTMP with and without TLS.',
      kind: 'gauge',
      labels: ['protocol'],
      read: async () => [
        { labels: { protocol: 'http' }, value: await countConnections(http) },
        { labels: { protocol: 'rtmp' }, value: live.rtmp.connectionCount },
      ],
    },
    {
      name: 'headwater_held_connections',
      help: 'Viewers that wait for media that does not exist yet, or for a decision on whether they may watch.',
      kind: 'gauge',
      labels: [],
      read: () => [{ value: live.routes.heldConnections }],
    },
  ]
}

function queueMetrics({ live, events, drops }: CountedRooms): readonly ExposedMetric[] {
  return [
    {
      name: 'headwater_queue_entries',
      help: 'Entries that wait in a queue: records of streams on their way to the database.',
      kind: 'gauge',
      labels: ['queue'],
      read: () => [{ labels: { queue: 'stream-records' }, value: live.journal.waitingEntries }],
    },
    {
      name: 'headwater_drops_total',
      help: 'What was given up, by reason: readers that did not read, units and texts that could not be used, events that no attempt delivered.',
      kind: 'counter',
      labels: ['reason'],
      read: () => [
        { labels: { reason: 'slow-reader' }, value: live.routes.droppedReaders },
        { labels: { reason: 'undeliverable-event' }, value: givenUpEvents(events) },
        ...drops.all.map(([reason, value]) => ({ labels: { reason }, value })),
      ],
    },
  ]
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
