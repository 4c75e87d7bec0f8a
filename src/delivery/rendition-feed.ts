/**
 * One rendition as its readers see it: its printed playlists, and the requests that wait for media that does not exist
 * yet.
 */
import type { Clock } from '../base/clock.ts'
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import type { ShownRendition } from '../domain/viewer-ads.ts'
import type { CompressibleText } from './answers.ts'
import { isReached, type MediaPosition } from './blocking-reload.ts'
import { PlaylistPrints, type PrintForm } from './playlist-prints.ts'

/** How a wait ended. */
export type WaitOutcome = 'reached' | 'timeout'

type Waiters = { readonly wanted: MediaPosition; readonly calls: Map<object, Waiter> }
type Waiter = { readonly dueMs: number; readonly done: (outcome: WaitOutcome) => void }

/** Distance of two looks for waits that are over. */
const SWEEP_MS = 500
/** A request is held for at most this many target durations (rfc8216bis §6.2.5.2). */
const HOLD_TARGETS = 3

/** Shared by all readers of one rendition. */
export class RenditionFeed {
  readonly media: LiveMedia
  readonly rendition: LiveRendition
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiters>()
  readonly #growing = new Set<() => void>()
  #sweeping = false
  readonly #prints: PlaylistPrints

  constructor(options: { media: LiveMedia; rendition: LiveRendition; clock: Clock }) {
    this.media = options.media
    this.rendition = options.rendition
    this.#clock = options.clock
    this.#prints = new PlaylistPrints(options.media, options.clock)
    this.rendition.onChange(() => this.#onChange())
  }

  /** The playlist as it is now of `shown`, which is the rendition or a view of it. */
  playlist(shown: ShownRendition, form: PrintForm): CompressibleText {
    return this.#prints.get(shown, form)
  }

  /** Whether the window holds `wanted` already. */
  has(wanted: MediaPosition): boolean {
    return isReached(this.rendition, wanted)
  }

  /** Calls `done` once `wanted` exists or the wait is over; the result gives up, after which `done` is not called. */
  wait(wanted: MediaPosition, done: (outcome: WaitOutcome) => void): () => void {
    const key = `${wanted.msn}.${wanted.part ?? ''}`
    let waiters = this.#waiting.get(key)
    if (!waiters) {
      waiters = { wanted, calls: new Map() }
      this.#waiting.set(key, waiters)
    }
    const holdMs = HOLD_TARGETS * this.rendition.targetDurationSeconds() * 1000
    const { calls } = waiters
    const id = {}
    calls.set(id, { dueMs: this.#clock.monotonicMs() + holdMs, done })
    this.#sweepLater()
    return () => {
      calls.delete(id)
      if (calls.size === 0 && this.#waiting.get(key)?.calls === calls) this.#waiting.delete(key)
    }
  }

  /** Calls `listener` after each change of the window, until the result is called. */
  follow(listener: () => void): () => void {
    this.#growing.add(listener)
    return () => void this.#growing.delete(listener)
  }

  /** Requests held now. */
  get waitingRequests(): number {
    let count = this.#growing.size
    for (const { calls } of this.#waiting.values()) count += calls.size
    return count
  }

  #onChange(): void {
    for (const [key, waiters] of this.#waiting) {
      if (!isReached(this.rendition, waiters.wanted)) continue
      this.#waiting.delete(key)
      for (const waiter of waiters.calls.values()) waiter.done('reached')
    }
    for (const listener of this.#growing) listener()
  }

  #sweepLater(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#clock.after(SWEEP_MS, () => {
      this.#sweeping = false
      this.#sweep()
    })
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const [key, { calls }] of this.#waiting) {
      for (const [id, waiter] of calls) {
        if (waiter.dueMs > nowMs) continue
        calls.delete(id)
        waiter.done('timeout')
      }
      if (calls.size === 0) this.#waiting.delete(key)
    }
    if (this.#waiting.size > 0) this.#sweepLater()
  }
}
