/**
 * An ad's road, wired: from the wish for a break to the decision, the creative, the viewer's playlist and the beacon.
 */
import { join } from 'node:path'
import { adProfileOf } from '../ads/conditioning/ad-profile.ts'
import { ConditioningLibrary } from '../ads/conditioning/conditioning-library.ts'
import { BeaconSender } from '../ads/beacons/beacon-sender.ts'
import { outboundTransport } from '../ads/beacons/outbound-transport.ts'
import { printTrackingAttribute } from '../ads/beacons/tracking-avail.ts'
import type { PlayerLog } from '../ads/mediatailor/player-log.ts'
import { AdServerDecider } from '../ads/decision/ad-server-decider.ts'
import { AdSources } from '../ads/decision/ad-sources.ts'
import { storedChannelAds } from '../ads/decision/stored-channel-ads.ts'
import { OutboundClient } from '../ads/outbound/outbound-client.ts'
import { parseTargetAllowList } from '../ads/outbound/target-allow-list.ts'
import { PrefetchPlans } from '../ads/prefetch/prefetch-plans.ts'
import { AdStitching } from '../ads/stitch/ad-stitching.ts'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AdSampleSink } from '../domain/ad-metrics.ts'
import type { MetricStore } from '../metrics/index.ts'
import type { Store } from '../store/index.ts'
import { beaconLog, decisionLog, playerLog } from './ad-log.ts'
import { adSamplesTo } from './ad-samples.ts'
import { creativesDirectory } from './ads-command.ts'
import type { ServerConfig } from './config/server-config.ts'
import type { OutboundClients } from './outbound-metrics.ts'

/** The rooms an ad passes. */
export type AdRoad = AsyncDisposable & {
  readonly stitching: AdStitching
  readonly decider: AdServerDecider
  readonly library: ConditioningLibrary
  readonly beacons: BeaconSender
  readonly playerLog: PlayerLog
  readonly onSample: AdSampleSink
  readonly outbound: OutboundClients
}

/** What the road needs. */
export type AdRoadOptions = {
  readonly config: ServerConfig
  readonly store: Store
  /** Names this server among those that share the database. */
  readonly nodeId: string
  /** An ad server of this program's own, as an allow-list takes it. */
  readonly ownAdServer: string | undefined
  readonly metricStore: MetricStore
  readonly logger: Logger
}

/** For one gigabyte of memory at the most: 2 kB a session. */
const MAX_SESSIONS = 500_000
/** Ad segments that viewers of one place share. */
const MAX_SEGMENT_BYTES = 256 * 1024 * 1024
/** So long beacons may take to be written when the server stops; those that are written go out after the next start. */
const BEACON_GRACE_MS = 1500

const BEACON_DIRECTORY = 'beacons'

/** Opens the road; creatives of earlier runs are found. */
export async function openAdRoad(options: AdRoadOptions): Promise<AdRoad> {
  const { config, store, nodeId, ownAdServer, metricStore, logger } = options
  const clock = systemClock
  await using opening = new AsyncDisposableStack()
  const allowed = [config.adTargetAllow, ownAdServer].filter((one) => one !== undefined).join(',')
  const allowList = parseTargetAllowList(allowed) ?? []
  const outbound = new OutboundClient({ allowList })
  opening.defer(() => outbound.close())
  // Connections of its own: silent beacon targets must not keep decisions waiting.
  const reporting = new OutboundClient({ allowList })
  opening.defer(() => reporting.close())
  const library = await ConditioningLibrary.open({
    directory: creativesDirectory(config),
    role: 'owner',
    maxCacheBytes: config.maxAdCacheBytes,
    workers: config.adWorkers,
    outbound,
    mediaTool: { program: config.ffmpeg, clock },
    clock,
    logger,
  })
  opening.defer(() => library.stop())
  const transport = outboundTransport(reporting)
  const sources = new AdSources(storedChannelAds(store), clock)
  const onSample = adSamplesTo(metricStore, clock)
  const logSink = beaconLog({ logger, clock }, sources)
  const beacons = new BeaconSender({
    queue: store.beacons,
    directory: join(config.dataDir, BEACON_DIRECTORY),
    transport,
    nodeId,
    clock,
    logger,
    logSink,
    onSample,
    retryMs: config.adBeaconRetrySeconds * 1000,
  })
  opening.defer(() => beacons.close(BEACON_GRACE_MS))
  const log = decisionLog({ logger, clock })
  const decider = opening.use(
    new AdServerDecider({ clock, logger, sources, outbound, library, beacons, log, onSample }),
  )
  const stitching = new AdStitching({
    decider,
    library,
    beacons,
    adProfileOf,
    postRollOf: async ({ channel }) => (await sources.of(channel.accountId, channel.arn))?.postRoll,
    trackingData: printTrackingAttribute,
    prefetching: {
      plans: new PrefetchPlans({ store: store.prefetchSchedules, sources, clock, logger }),
      prefetcher: decider,
    },
    onSample,
    clock,
    logger,
    markers: config.adMarkers,
    maxSessions: MAX_SESSIONS,
    maxSegmentBytes: MAX_SEGMENT_BYTES,
  })
  opening.defer(() => stitching.stop())
  const opened = opening.move()
  return {
    stitching,
    decider,
    library,
    beacons,
    playerLog: playerLog({ logger, clock }, sources),
    onSample,
    outbound: { ads: outbound, beacons: reporting },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
