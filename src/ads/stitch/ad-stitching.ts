/**
 * Puts ads into viewers' playlists: the ad side as delivery sees it.
 *
 * Sessions are kept in memory, by stream, and not asked for twice: a session that is not known here sees content.
 */
import type { Timer } from '../../base/clock.ts'
import type { AdBreak } from '../../domain/ad-break.ts'
import type { LiveMedia, LiveRendition } from '../../domain/live.ts'
import type { AdsClaims } from '../../domain/viewer-access.ts'
import { contentOf, type NewViewer, type ShownRendition, type ViewerAds } from '../../domain/viewer-ads.ts'
import type { BeaconSink } from '../beacon.ts'
import { AdMedia } from './ad-media.ts'
import type { PlacedAvail } from '../beacons/tracking-avail.ts'
import { Prefetching } from '../prefetch/prefetching.ts'
import { StreamAds, type GuidedAds, type StreamAdsPorts } from './stream-ads.ts'

/** What stitching needs. */
export type AdStitchingOptions = Omit<StreamAdsPorts, 'media'> & {
  readonly beacons: BeaconSink
  /** Most sessions with ads, of all streams; more see content. */
  readonly maxSessions: number
  /** Most bytes of ad segments held ready; what is dropped is made again. */
  readonly maxSegmentBytes: number
}

const SWEEP_MS = 60_000

/** The ads of all streams. */
export class AdStitching implements ViewerAds {
  readonly #options: AdStitchingOptions
  readonly #media: AdMedia
  readonly #streams = new Map<string, StreamAds>()
  readonly #prefetching: Prefetching | undefined
  #sweepTimer: Timer | undefined

  constructor(options: AdStitchingOptions) {
    this.#options = options
    this.#media = new AdMedia(options.maxSegmentBytes)
    const { prefetching, clock, logger } = options
    const streams = (): readonly StreamAds[] => [...this.#streams.values()]
    this.#prefetching = prefetching && new Prefetching({ plans: prefetching.plans, streams, clock, logger })
  }

  /** Nobody is asked ahead of breaks any more. */
  stop(): void {
    this.#prefetching?.stop()
  }

  /** Sessions that may get ads now. */
  get sessionCount(): number {
    let count = 0
    for (const stream of this.#streams.values()) count += stream.sessionCount
    return count
  }

  /** Size of ad segments held ready. */
  get segmentBytes(): number {
    return this.#media.bytes
  }

  readonly wants = (media: LiveMedia, claims: AdsClaims): boolean =>
    (hasAds(media) || (claims.direct !== undefined && canHaveAds(media))) &&
    claims.optOut !== true &&
    this.sessionCount < this.#options.maxSessions

  readonly open = (media: LiveMedia, viewer: NewViewer): void => this.#stream(media).open(viewer)

  /** An ad break was announced on a stream: who watches is decided for now, and who joins is when he does. */
  readonly breakInserted = (media: LiveMedia, adBreak: AdBreak): void => {
    if (hasAds(media)) this.#stream(media).insert(adBreak)
  }

  /** Whether ads of an ended stream are still shown: its media has to be found as long. */
  readonly lingers = (streamId: string): boolean => this.#streams.get(streamId)?.isEnding ?? false

  readonly show = (media: LiveMedia, rendition: LiveRendition, sessionNumber: string): ShownRendition =>
    this.#streams.get(media.streamId)?.show(rendition, sessionNumber) ?? contentOf(rendition)

  readonly fetched = (media: LiveMedia, _shown: ShownRendition, sessionNumber: string, msn: number): void => {
    const fetched = this.#streams.get(media.streamId)?.fetched(sessionNumber, msn)
    if (fetched) this.#options.beacons.due(fetched.viewer, fetched.due)
  }

  /** When a session fetched something for the last time, monotonic milliseconds; undefined when it is not known. */
  readonly lastSeenMs = (streamId: string, sessionNumber: string): number | undefined =>
    this.#streams.get(streamId)?.lastSeenMs(sessionNumber)

  /** The ads in the windows of a session, in order, for a player that reports by itself. */
  readonly avails = (streamId: string, sessionNumber: string): readonly PlacedAvail[] =>
    this.#streams.get(streamId)?.avails(sessionNumber) ?? []

  /** The ads of a break for a session whose player puts them in; undefined when there is no such break. */
  readonly guidedAds = async (
    streamId: string,
    sessionNumber: string,
    breakId: string,
  ): Promise<GuidedAds | undefined> => this.#streams.get(streamId)?.guidedAds(sessionNumber, breakId)

  #stream(media: LiveMedia): StreamAds {
    let stream = this.#streams.get(media.streamId)
    if (!stream) {
      stream = new StreamAds(media, { ...this.#options, media: this.#media }, () => {
        this.#streams.delete(media.streamId)
      })
      this.#streams.set(media.streamId, stream)
      this.#sweepLater()
      this.#prefetching?.begin()
    }
    return stream
  }

  #sweepLater(): void {
    this.#sweepTimer ??= this.#options.clock.after(SWEEP_MS, () => {
      this.#sweepTimer = undefined
      for (const stream of this.#streams.values()) stream.forgetIdle()
      if (this.#streams.size > 0) this.#sweepLater()
    })
  }
}

function hasAds(media: LiveMedia): boolean {
  return media.channel.adConfigurationArn !== '' && canHaveAds(media)
}

/** Ads are MPEG-TS only (reference ssai §1.3). */
function canHaveAds({ channel }: LiveMedia): boolean {
  return channel.containerFormat === 'TS'
}
