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

type View = {
  /** When it was last seen, monotonic milliseconds. */
  seenMs: number
  readonly country: string | undefined
}

type StreamViews = {
  readonly accountId: string
  /** Longest ago seen first. */
  readonly views: Map<string, View>
  /** Views of each country that is known. */
  readonly byCountry: Map<string, number>
}

/** Tells where a viewer is, as ISO 3166-1 alpha-2; undefined when nobody knows. Asked once for each view. */
export type ViewerCountry = () => string | undefined

const NOBODY: ReadonlyMap<string, number> = new Map()

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
    return stream.views.size
  }

  /** Views of the stream now, by country; without those whose country nobody knows. */
  readonly countriesOf = (streamId: string): ReadonlyMap<string, number> => {
    const stream = this.#streams.get(streamId)
    if (!stream) return NOBODY
    this.#forget(streamId, stream)
    return stream.byCountry
  }

  /** A viewer fetched something of the stream. */
  touch({ streamId, channel }: WatchedStream, viewer: string, country: ViewerCountry): void {
    let stream = this.#streams.get(streamId)
    if (!stream) {
      stream = { accountId: channel.accountId, views: new Map(), byCountry: new Map() }
      this.#streams.set(streamId, stream)
      this.#sweepLater()
    }
    const nowMs = this.#clock.monotonicMs()
    const known = stream.views.get(viewer)
    if (known) {
      if (nowMs - known.seenMs < SEEN_STEP_MS) return
      known.seenMs = nowMs
      stream.views.delete(viewer)
      stream.views.set(viewer, known)
    } else if (stream.views.size < MAX_VIEWS_PER_STREAM) {
      const view = { seenMs: nowMs, country: country() }
      stream.views.set(viewer, view)
      this.#count(stream, view, 1)
    }
  }

  #forget(streamId: string, stream: StreamViews): void {
    const leftMs = this.#clock.monotonicMs() - LEFT_AFTER_MS
    for (const [viewer, view] of stream.views) {
      if (view.seenMs > leftMs) return
      stream.views.delete(viewer)
      this.#count(stream, view, -1)
    }
    this.#streams.delete(streamId)
  }

  #count({ accountId, byCountry }: StreamViews, { country }: View, change: 1 | -1): void {
    this.#total += change
    add(this.#byAccount, accountId, change)
    if (country !== undefined) add(byCountry, country, change)
  }

  #sweepLater(): void {
    this.#timer ??= this.#clock.after(SWEEP_MS, () => {
      this.#timer = undefined
      for (const [streamId, stream] of this.#streams) this.#forget(streamId, stream)
      if (this.#streams.size > 0) this.#sweepLater()
    })
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
