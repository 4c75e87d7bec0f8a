/**
 * Looks again and again, while there are streams with ads, which sessions have to ask ahead of breaks.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { LiveMedia } from '../../domain/live.ts'
import type { AdPrefetcher } from '../ad-prefetcher.ts'
import type { PrefetchPlans, StreamPlans } from './prefetch-plans.ts'
import { LOOK_MS } from './stream-prefetches.ts'

/** Who asks, and by which schedules. */
export type PrefetchPorts = {
  readonly plans: Pick<PrefetchPlans, 'refresh' | 'forStream'>
  readonly prefetcher: AdPrefetcher
}

/** A stream whose sessions may ask. */
export type PrefetchingStream = {
  readonly media: LiveMedia
  readonly prefetch: (plans: StreamPlans) => void
}

/** What looking needs. */
export type PrefetchingOptions = {
  readonly plans: PrefetchPorts['plans']
  /** Those that there are now. */
  readonly streams: () => readonly PrefetchingStream[]
  readonly clock: Clock
  readonly logger: Logger
}

/** One of a server. */
export class Prefetching {
  readonly #options: PrefetchingOptions
  #timer: Timer | undefined
  #isStopped = false

  constructor(options: PrefetchingOptions) {
    this.#options = options
  }

  /** There is a stream: looks until there is none any more. */
  begin(): void {
    if (this.#isStopped) return
    this.#timer ??= this.#options.clock.after(LOOK_MS, () => void this.#look())
  }

  /** Looks no more. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    const { plans, streams, logger } = this.#options
    await plans.refresh()
    for (const stream of streams()) {
      try {
        stream.prefetch(await plans.forStream(stream.media))
      } catch (error) {
        logger.warn('ads of a stream could not be asked for ahead', { err: error })
      }
    }
    this.#timer = undefined
    if (streams().length > 0) this.begin()
  }
}
