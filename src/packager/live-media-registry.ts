/**
 * The media of all running streams, and of ended ones until their tail has aged out.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Channel } from '../domain/channel.ts'
import type { LiveMedia, LiveMediaDirectory } from '../domain/live.ts'
import { MEDIA_TIMESCALE, type MediaSink } from '../media/access-unit.ts'
import { LiveWindow } from './live-window.ts'
import { RenditionPackager, type PackagerSettings } from './rendition-packager.ts'

/** What the registry needs. */
export type LiveMediaRegistryOptions = Omit<PackagerSettings, 'container'> & {
  readonly clock: Clock
  readonly logger: Logger
  /** Play time that a playlist lists, in seconds. */
  readonly windowSeconds: number
  /** Most bytes one rendition holds. */
  readonly maxWindowBytes: number
}

/** A stream to package. */
export type PackagedStream = {
  readonly streamId: string
  readonly channel: Channel
  /** Called once, when the first segment can be fetched. */
  readonly onPlayable: () => void
}

/** Name of the source rendition's group (reference ivs-behaviour §2.4). */
const SOURCE_RENDITION = 'chunked'

/** Packages streams and finds their media. */
export class LiveMediaRegistry implements LiveMediaDirectory {
  readonly #options: LiveMediaRegistryOptions
  readonly #running = new Map<string, LiveMedia>()
  readonly #byStream = new Map<string, LiveMedia>()

  constructor(options: LiveMediaRegistryOptions) {
    this.#options = options
  }

  readonly byChannel = (channelArn: string): LiveMedia | undefined => this.#running.get(channelArn)

  readonly byStream = (streamId: string): LiveMedia | undefined => this.#byStream.get(streamId)

  /** The sink that packages `stream`; its media is found from the first whole segment on. */
  package(stream: PackagedStream): MediaSink {
    const { clock, logger, segmentMs, partMs, windowSeconds, maxWindowBytes } = this.#options
    const container = stream.channel.containerFormat
    const window = new LiveWindow({
      name: SOURCE_RENDITION,
      container,
      windowTicks: windowSeconds * MEDIA_TIMESCALE,
      maxBytes: maxWindowBytes,
    })
    const packager = new RenditionPackager({
      window,
      container,
      segmentMs,
      partMs,
      clock,
      logger: logger.with({ streamId: stream.streamId }),
      onPlayable: () => {
        this.#publish(stream, window)
        stream.onPlayable()
      },
    })
    return {
      onTrack: packager.onTrack,
      onUnit: packager.onUnit,
      onEnd: () => {
        packager.onEnd()
        this.#retire(stream)
      },
    }
  }

  #publish(stream: PackagedStream, window: LiveWindow): void {
    const media: LiveMedia = {
      streamId: stream.streamId,
      channel: stream.channel,
      latencyMode: stream.channel.latencyMode,
      startTimeMs: this.#options.clock.nowMs(),
      renditions: [window],
    }
    this.#running.set(stream.channel.arn, media)
    this.#byStream.set(stream.streamId, media)
  }

  #retire(stream: PackagedStream): void {
    if (this.#running.get(stream.channel.arn)?.streamId === stream.streamId) {
      this.#running.delete(stream.channel.arn)
    }
    const tailMs = this.#options.windowSeconds * 1000
    this.#options.clock.after(tailMs, () => this.#byStream.delete(stream.streamId))
  }
}
