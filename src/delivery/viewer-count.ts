/**
 * Counts the viewers of each stream: those who fetched a playlist of it lately. Players on one address with the same
 * user agent count as one.
 */
import type { Clock } from '../base/clock.ts'

/** A viewer who fetched nothing for this long has left; the contract allows 60 s (reference ivs-behaviour §6.7). */
const LEFT_AFTER_MS = 15_000
/** Viewers told apart for one stream; beyond that the count stays. */
const MAX_VIEWERS_PER_STREAM = 100_000

/** Viewer counts by stream, and of all streams together. */
export class ViewerCount {
  readonly #clock: Clock
  readonly #seenMs = new Map<string, Map<string, number>>()
  #total = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Viewers of all streams; those who left lately may still be in it. */
  get total(): number {
    return this.#total
  }

  /** Whether the viewer is counted for the stream. */
  has(streamId: string, viewer: string): boolean {
    return this.#seenMs.get(streamId)?.has(viewer) ?? false
  }

  /** A viewer fetched a playlist of the stream. */
  touch(streamId: string, viewer: string): void {
    let viewers = this.#seenMs.get(streamId)
    if (!viewers) {
      viewers = new Map()
      this.#seenMs.set(streamId, viewers)
      this.#forgetLater(streamId)
    }
    const isNew = !viewers.has(viewer)
    if (isNew && viewers.size >= MAX_VIEWERS_PER_STREAM) return
    if (isNew) this.#total++
    viewers.set(viewer, this.#clock.monotonicMs())
  }

  /** Viewers of the stream now. */
  readonly count = (streamId: string): number => {
    this.#forget(streamId)
    return this.#seenMs.get(streamId)?.size ?? 0
  }

  #forget(streamId: string): void {
    const viewers = this.#seenMs.get(streamId)
    if (!viewers) return
    const leftMs = this.#clock.monotonicMs() - LEFT_AFTER_MS
    for (const [viewer, seenMs] of viewers) {
      if (seenMs >= leftMs) continue
      viewers.delete(viewer)
      this.#total--
    }
    if (viewers.size === 0) this.#seenMs.delete(streamId)
  }

  #forgetLater(streamId: string): void {
    this.#clock.after(LEFT_AFTER_MS, () => {
      this.#forget(streamId)
      if (this.#seenMs.has(streamId)) this.#forgetLater(streamId)
    })
  }
}
