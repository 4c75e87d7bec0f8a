/**
 * The media of all running streams, and of ended ones until their tail has aged out.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Channel } from '../domain/channel.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { LiveMedia, LiveMediaDirectory } from '../domain/live.ts'
import { StreamPackager, type StreamPackagerSettings } from './stream-packager.ts'

/** What the registry needs. */
export type LiveMediaRegistryOptions = StreamPackagerSettings & {
  readonly clock: Clock
  readonly logger: Logger
  readonly drops: DropCounts
  /** Whether an ended stream is still shown although its tail has aged out; never by default. */
  readonly lingers?: (streamId: string) => boolean
}

/** How often it is asked whether a stream lingers, and for how long at most: five minutes of ads, and some. */
const LINGER_STEP_MS = 5_000
const MAX_LINGER_MS = 480_000

/** A stream to package. */
export type PackagedStream = {
  readonly streamId: string
  readonly channel: Channel
  /** Called once, when the stream can be played. */
  readonly onPlayable: () => void
}

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

  /**
   * The packager of `stream`: feed its `source`, tell it the ladder, and give it what is transcoded. Its media is found
   * from the moment it can be played.
   */
  package(stream: PackagedStream): StreamPackager {
    const packager: StreamPackager = new StreamPackager({
      ...this.#options,
      ...stream,
      onPlayable: () => {
        this.#running.set(stream.channel.arn, packager.media)
        this.#byStream.set(stream.streamId, packager.media)
        stream.onPlayable()
      },
      onEnded: () => this.#retire(stream),
    })
    return packager
  }

  #retire(stream: PackagedStream): void {
    if (this.#running.get(stream.channel.arn)?.streamId === stream.streamId) {
      this.#running.delete(stream.channel.arn)
    }
    this.#forgetAfter(stream.streamId, this.#options.windowSeconds * 1000, MAX_LINGER_MS)
  }

  #forgetAfter(streamId: string, tailMs: number, mostMs: number): void {
    const { clock, lingers } = this.#options
    clock.after(tailMs, () => {
      if (mostMs > 0 && lingers?.(streamId) === true) {
        this.#forgetAfter(streamId, LINGER_STEP_MS, mostMs - LINGER_STEP_MS)
      } else this.#byStream.delete(streamId)
    })
  }
}
