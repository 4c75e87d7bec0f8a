/**
 * A stream of made-up pictures through the real packager and the real media routes on a real socket, with time by hand.
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLogger, type Logger } from '../../src/base/logger.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { MediaRoutes, type MediaRoutesOptions } from '../../src/delivery/media-routes.ts'
import type { ViewQuotaBreach } from '../../src/delivery/view-quota.ts'
import { newChannel } from '../../src/domain/channel-rules.ts'
import type { Channel } from '../../src/domain/channel.ts'
import type { LadderInput } from '../../src/domain/ladder-policy.ts'
import { SOURCE_RUNG, type Rung } from '../../src/domain/ladder.ts'
import { playbackUrl } from '../../src/domain/service-identity.ts'
import type { ViewerAccess } from '../../src/domain/viewer-access.ts'
import type { ViewerAds } from '../../src/domain/viewer-ads.ts'
import { MEDIA_TIMESCALE, type MediaSink, type MediaTrack } from '../../src/media/access-unit.ts'
import { LiveMediaRegistry } from '../../src/packager/live-media-registry.ts'
import type { StreamPackager } from '../../src/packager/stream-packager.ts'
import { LadderFeed } from './ladder-feed.ts'
import { picture, SAMPLE_VIDEO } from './media/sample-tracks.ts'
import { DropCounts } from '../../src/domain/drops.ts'
import { closedAccess } from './viewer-access.ts'

/** 30 frames a second, a keyframe every two seconds. */
const FRAME_TICKS = MEDIA_TIMESCALE / 30
const KEYFRAME_FRAMES = 60

const PASSTHROUGH = { kind: 'passthrough' } as const

const SOURCE_LADDER: readonly Rung[] = [
  { name: SOURCE_RUNG, displayName: '180p30', video: PASSTHROUGH, audio: PASSTHROUGH },
]

/** What differs between tests. */
export type PackagedStreamOptions = {
  readonly streamId?: string
  readonly channel?: Partial<Channel>
  /** A source whose ladder is planned and filled; by default a small source passes through as it is. */
  readonly ladder?: Omit<LadderInput, 'type' | 'preset'>
  readonly pictureBytes?: number
  readonly maxReaderBacklogBytes?: number
  readonly maxViewers?: number
  readonly maxViewersPerAccount?: number
  /** Who may watch; by default everybody, and nobody with a private channel. */
  readonly access?: Partial<ViewerAccess>
  /** What is shown in place of content, made with the stream's clock. */
  readonly ads?: (clock: ManualClock) => ViewerAds & { readonly lingers: (streamId: string) => boolean }
  readonly logger?: Logger
  readonly sessionKeys?: MediaRoutesOptions['sessionKeys']
  readonly onViewQuotaBreach?: (breach: ViewQuotaBreach) => void
  readonly countryOf?: (address: string) => string | undefined
}

/** One running stream and the server in front of it. */
export class PackagedStream implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
  readonly streamId: string
  readonly channel: Channel
  readonly routes: MediaRoutes
  readonly packager: StreamPackager
  /** What fills the ladder, when there is one. */
  readonly feed: LadderFeed | undefined
  readonly #pictureBytes: number
  readonly #sink: MediaSink
  readonly #server: Server
  #frames = 0
  #url = ''

  constructor(options: PackagedStreamOptions) {
    this.streamId = options.streamId ?? 'st-AbCdEfGhIjKlMnOpQrStUvW'
    const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
    this.channel = {
      ...newChannel(birth, { type: 'BASIC' }),
      arn: 'arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGhIjKl',
      ...options.channel,
    }
    this.#pictureBytes = options.pictureBytes ?? 100
    const ads = options.ads?.(this.clock)
    const live = new LiveMediaRegistry({
      ...(ads && { lingers: ads.lingers }),
      drops: new DropCounts(),
      clock: this.clock,
      logger: silentLogger,
      segmentMs: 1000,
      partMs: 333,
      windowSeconds: 30,
      maxWindowBytes: 64 * 1024 * 1024,
    })
    this.routes = new MediaRoutes({
      live,
      clock: this.clock,
      basePath: '',
      maxBodyMs: 30_000,
      logger: options.logger ?? silentLogger,
      maxViewers: options.maxViewers ?? 1000,
      maxViewersPerAccount: options.maxViewersPerAccount ?? 1000,
      access: { ...closedAccess, ...options.access },
      ...(ads && { ads }),
      sessionKeys: options.sessionKeys ?? fixedSessionKeys(),
      viewerAddress: ({ socket }) => socket.remoteAddress ?? '',
      countryOf: options.countryOf ?? (() => undefined),
      onViewQuotaBreach: options.onViewQuotaBreach ?? (() => undefined),
      maxReaderBacklogBytes: options.maxReaderBacklogBytes ?? 4 * 1024 * 1024,
    })
    const { streamId, channel } = this
    this.packager = live.package({ streamId, channel, onPlayable: () => undefined })
    this.#sink = this.packager.source
    if (options.ladder) {
      const { type, preset } = channel
      const input = { ...options.ladder, type, preset: preset || 'HIGHER_BANDWIDTH_DELIVERY' }
      this.feed = new LadderFeed({ input, packager: this.packager })
    } else {
      this.packager.setLadder(SOURCE_LADDER, 'source')
      this.#sink.onTrack(SAMPLE_VIDEO)
    }
    this.#server = createServer((request, response) => {
      if (!this.routes.handle(request, response)) response.writeHead(418).end()
    })
  }

  /** Starts to listen on a free port. */
  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Absolute URL of `path`. */
  url(path: string): string {
    return this.#url + path
  }

  /** The channel's playback URL. */
  get playbackUrl(): string {
    const identity = { region: '', accountId: '', ingestHost: '', publicUrl: this.#url }
    return playbackUrl(identity, this.channel)
  }

  /** The media playlist, with `query` when given. */
  playlistUrl(query = '', rendition: string = SOURCE_RUNG): string {
    return this.url(`/v1/playlist/${this.streamId}/${rendition}.m3u8${query}`)
  }

  /** URL of a segment or part, e.g. `3` or `3.1`. */
  mediaUrl(name: string, rendition: string = SOURCE_RUNG): string {
    const extension = this.channel.containerFormat === 'TS' ? 'ts' : 'mp4'
    return this.url(`/v1/segment/${this.streamId}/${rendition}/${name}.${extension}`)
  }

  /** Publishes `frames` pictures, each at its own moment. */
  publish(frames: number): void {
    for (let i = 0; i < frames; i++) {
      if (this.feed) {
        this.feed.send()
        this.clock.advance(1000 / this.feed.frameRate)
        continue
      }
      const keyframe = this.#frames % KEYFRAME_FRAMES === 0
      this.#sink.onUnit(picture({ dtsTicks: this.#frames * FRAME_TICKS, keyframe }, this.#pictureBytes))
      this.#frames++
      this.clock.advance(1000 / 30)
    }
  }

  /** The publisher's parameters change with the next keyframe. */
  changeTrack(track: MediaTrack): void {
    this.#sink.onTrack(track)
  }

  /** The publisher leaves. */
  end(): void {
    this.#sink.onEnd()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A stream behind a listening server; `await using` closes it. */
export async function startPackagedStream(options: PackagedStreamOptions = {}): Promise<PackagedStream> {
  return new PackagedStream(options).listen()
}

/** One key for all days. */
export function fixedSessionKeys(): MediaRoutesOptions['sessionKeys'] {
  const current = { day: 1, secret: createSecretKey(randomBytes(32)) }
  return { current, find: (day) => (day === current.day ? current : undefined) }
}
