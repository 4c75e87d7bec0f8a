/**
 * Stitching over a stream made by hand, with decisions and creatives by hand.
 */
import { silentLogger } from '../../src/base/logger.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import type { BeaconViewer } from '../../src/ads/ad-viewer.ts'
import type { DueBeacon } from '../../src/ads/beacon.ts'
import type { LoadedCreative } from '../../src/ads/creative-library.ts'
import { AdStitching, type AdStitchingOptions } from '../../src/ads/stitch/ad-stitching.ts'
import type { AdBreak } from '../../src/domain/ad-break.ts'
import type { PostRoll } from '../../src/domain/ad-configuration.ts'
import type { AdsClaims } from '../../src/domain/viewer-access.ts'
import { AdContent } from './ad-content.ts'
import { AdWatcher } from './ad-watcher.ts'
import { HandDecider, SampleLibrary } from './sample-creative.ts'

/** From the announcement of a break to its beginning. */
export const LEAD_MS = 4000
/** Ids with the letters that break ids have, and as long. */
const BREAK_IDS = 'BreakNumber'

/** What differs between tests. */
export type AdStageOptions = Partial<
  Pick<AdStitchingOptions, 'markers' | 'trackingData' | 'maxSegmentBytes' | 'onSample' | 'prefetching'>
> & {
  readonly creatives: readonly LoadedCreative[]
  readonly postRoll?: PostRoll
  readonly windowSeconds?: number
}

/** One stream, its ads and its viewers. */
export class AdStage {
  readonly clock: ManualClock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5))
  readonly decider: HandDecider = new HandDecider()
  readonly library: SampleLibrary
  readonly content: AdContent
  readonly ads: AdStitching
  readonly beacons: { readonly viewer: BeaconViewer; readonly beacon: DueBeacon }[] = []
  #breaks = 0
  #sessions = 0

  constructor(options: AdStageOptions) {
    const { creatives, postRoll, windowSeconds = 12, ...rest } = options
    this.library = new SampleLibrary(creatives)
    this.content = new AdContent(this.clock, ['chunked', '360p30'], windowSeconds)
    this.ads = new AdStitching({
      decider: this.decider,
      library: this.library,
      adProfileOf: () => ({ fingerprint: 'profile', renditions: [] }),
      postRollOf: () => Promise.resolve(postRoll),
      trackingData: () => undefined,
      beacons: {
        due: (viewer, due) => void this.beacons.push(...due.map((beacon) => ({ viewer, beacon }))),
      },
      clock: this.clock,
      logger: silentLogger,
      markers: 'player',
      maxSessions: 1000,
      maxSegmentBytes: 1e9,
      ...rest,
    })
  }

  /** A viewer begins to watch. */
  join(claims: AdsClaims = {}): AdWatcher {
    this.#sessions++
    const sessionNumber = `session${this.#sessions}`
    const { media } = this.content
    this.ads.open(media, {
      sessionNumber,
      address: '203.0.113.7',
      userAgent: 'test',
      referer: '',
      acceptLanguage: '',
      claims,
    })
    return new AdWatcher(this.ads, media, sessionNumber)
  }

  /** Announces a break of `durationSeconds`. */
  insert(durationSeconds: number): AdBreak {
    const insertedAtMs = this.clock.nowMs()
    const targetStartMs = insertedAtMs + LEAD_MS
    this.#breaks++
    const adBreak: AdBreak = {
      id: `${BREAK_IDS}${this.#breaks}`,
      rollType: 'MIDROLL',
      durationSeconds,
      insertedAtMs,
      targetStartMs,
      endsAtMs: targetStartMs + durationSeconds * 1000,
    }
    this.ads.breakInserted(this.content.media, adBreak)
    return adBreak
  }

  /** Lets everything happen that waits for nothing. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}
