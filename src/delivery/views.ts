/**
 * Counts views: viewing sessions that fetched something lately, by stream and by account (reference ivs-behaviour §6.7).
 *
 * A request costs one look into a map in memory. Entries stand in the order in which they were last seen, so that the
 * ones that left are found at the front.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { WatchedStream } from '../domain/viewer-access.ts'

/** A view that fetched nothing for so long is over. Players reload at least once in a target duration. */
const LEFT_AFTER_MS = 30_000
/** How often those who left are taken out of the sums; together with the above well within a minute. */
const SWEEP_MS = 5_000
/** A view that was seen later than this before now is not moved to the end again. */
const SEEN_STEP_MS = 1_000
/** Views told apart for one stream; beyond that the count stays. */
const MAX_VIEWS_PER_STREAM = 100_000

type StreamViews = {
  readonly accountId: string
  /** When each view was last seen, monotonic milliseconds, longest ago first. */
  readonly seenMs: Map<string, number>
}

/** The views of every stream on this node. */
export class Views {
  readonly #clock: Clock
  readonly #streams = new Map<string, StreamViews>()
  readonly #byAccount = new Map<string, number>()
  #total = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Views of all streams; those that left in the last seconds may still be in it. */
  get total(): number {
    return this.#total
  }

  /** Views of the account's streams; those that left in the last seconds may still be in it. */
  ofAccount(accountId: string): number {
    return this.#byAccount.get(accountId) ?? 0
  }

  /** Views of the stream now. */
  readonly ofStream = (streamId: string): number => {
    const stream = this.#streams.get(streamId)
    if (!stream) return 0
    this.#forget(streamId, stream)
    return stream.seenMs.size
  }

  /** A viewer fetched something of the stream. */
  touch({ streamId, channel }: WatchedStream, viewer: string): void {
    let stream = this.#streams.get(streamId)
    if (!stream) {
      stream = { accountId: channel.accountId, seenMs: new Map() }
      this.#streams.set(streamId, stream)
      this.#sweepLater()
    }
    const nowMs = this.#clock.monotonicMs()
    const seenMs = stream.seenMs.get(viewer)
    if (seenMs === undefined) {
      if (stream.seenMs.size >= MAX_VIEWS_PER_STREAM) return
      this.#count(stream, 1)
    } else {
      if (nowMs - seenMs < SEEN_STEP_MS) return
      stream.seenMs.delete(viewer)
    }
    stream.seenMs.set(viewer, nowMs)
  }

  #forget(streamId: string, stream: StreamViews): void {
    const leftMs = this.#clock.monotonicMs() - LEFT_AFTER_MS
    for (const [viewer, seenMs] of stream.seenMs) {
      if (seenMs > leftMs) return
      stream.seenMs.delete(viewer)
      this.#count(stream, -1)
    }
    this.#streams.delete(streamId)
  }

  #count({ accountId }: StreamViews, change: 1 | -1): void {
    this.#total += change
    const count = this.ofAccount(accountId) + change
    if (count > 0) this.#byAccount.set(accountId, count)
    else this.#byAccount.delete(accountId)
  }

  #sweepLater(): void {
    this.#timer ??= this.#clock.after(SWEEP_MS, () => {
      this.#timer = undefined
      for (const [streamId, stream] of this.#streams) this.#forget(streamId, stream)
      if (this.#streams.size > 0) this.#sweepLater()
    })
  }
}
