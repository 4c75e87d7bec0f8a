/**
 * The road of players that speak MediaTailor, wired: their addresses lead into delivery and to the ads of its viewers.
 */
import { CreativeRoutes } from '../ads/mediatailor/creative-routes.ts'
import { Interstitials } from '../ads/mediatailor/interstitials.ts'
import { PlayerRoutes } from '../ads/mediatailor/player-routes.ts'
import { SealedReports } from '../ads/mediatailor/sealed-reports.ts'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { parseMediaPath } from '../delivery/media-path.ts'
import type { SessionKeys } from '../delivery/session-keys.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import type { Store } from '../store/index.ts'
import type { AdRoad } from './ad-road.ts'
import type { LiveRoad } from './live-road.ts'

/** Sessions, of at most 5 kB each. */
const MAX_PLAYER_SESSIONS = 50_000
/** Segments of creatives that players put in by themselves. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024

/** What the road leads to. */
export type PlayerRoadOptions = {
  readonly identity: Pick<ServiceIdentity, 'publicUrl'>
  readonly store: Pick<Store, 'playbackConfigurations'>
  readonly ads: Pick<AdRoad, 'stitching' | 'library' | 'beacons' | 'playerLog' | 'onSample'>
  readonly live: Pick<LiveRoad, 'routes'>
  /** What reports of ads are sealed with. */
  readonly sessionKeys: SessionKeys
  readonly logger: Logger
}

/** Makes the routes. */
export function createPlayerRoad(options: PlayerRoadOptions): PlayerRoutes {
  const { identity, store, ads, live, sessionKeys, logger } = options
  const { stitching, library, beacons, playerLog: log, onSample } = ads
  const { publicUrl } = identity
  return new PlayerRoutes({
    clock: systemClock,
    logger,
    basePath: new URL(publicUrl).pathname.replace(/\/$/, ''),
    maxSessions: MAX_PLAYER_SESSIONS,
    configurations: store.playbackConfigurations,
    channelOf: (path) => {
      const parsed = parseMediaPath(path)
      return parsed?.kind === 'multivariant' ? parsed.channelArn : undefined
    },
    openViewing: (request, response, order) => live.routes.open(request, response, order),
    watchReader: live.routes.watchReader,
    lastSeenMs: stitching.lastSeenMs,
    log,
    onSample,
    avails: stitching.avails,
    interstitials: new Interstitials({
      guidedAds: stitching.guidedAds,
      beacons,
      reports: new SealedReports(sessionKeys, systemClock),
      publicUrl,
    }),
    creatives: new CreativeRoutes({ library, maxSegmentBytes: MAX_SEGMENT_BYTES }),
  })
}
