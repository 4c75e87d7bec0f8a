/**
 * Drops readers that do not take what they asked for, so that none of them holds memory for long.
 */
import type { ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'

/** Limits for a reader. */
export type SlowReaderLimits = {
  /** Longest time for one body, in milliseconds: later the media is out of the window anyway. */
  readonly maxBodyMs: number
  /** Most bytes of a growing body that may wait for one reader. */
  readonly maxBacklogBytes: number
}

const SWEEP_MS = 1000

/** Watches the answers whose bytes did not leave at once. */
export class SlowReaders {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #limits: SlowReaderLimits
  readonly #sinceMs = new Map<ServerResponse, number>()
  #sweeping = false
  #reported = 0
  /** Readers dropped so far. */
  dropped = 0

  constructor(clock: Clock, logger: Logger, limits: SlowReaderLimits) {
    this.#clock = clock
    this.#log = logger
    this.#limits = limits
  }

  /** Call after a body was handed over: follows the answer only if the socket did not take it. */
  watch(response: ServerResponse): void {
    if (!response.socket || response.socket.writableLength === 0 || this.#sinceMs.has(response)) return
    this.#sinceMs.set(response, this.#clock.monotonicMs())
    response.once('close', () => this.#sinceMs.delete(response))
    this.#sweepLater()
  }

  /** Whether a growing answer may take more; drops the reader when not. */
  takesMore(response: ServerResponse): boolean {
    if (response.destroyed) return false
    if (response.writableLength <= this.#limits.maxBacklogBytes) return true
    this.#drop(response)
    return false
  }

  #sweepLater(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#clock.after(SWEEP_MS, () => {
      this.#sweeping = false
      const dueMs = this.#clock.monotonicMs() - this.#limits.maxBodyMs
      for (const [response, sinceMs] of this.#sinceMs) if (sinceMs < dueMs) this.#drop(response)
      this.#report()
      if (this.#sinceMs.size > 0) this.#sweepLater()
    })
  }

  #drop(response: ServerResponse): void {
    this.#sinceMs.delete(response)
    this.dropped++
    response.destroy()
    this.#sweepLater()
  }

  #report(): void {
    const count = this.dropped - this.#reported
    if (count === 0) return
    this.#reported = this.dropped
    this.#log.warn('slow readers dropped', { count, windowMs: SWEEP_MS })
  }
}
