/**
 * Tells a ladder that falls behind from one that catches up: a lag counts only while it lasts, the shorter the larger it
 * is.
 *
 * Pure: samples and their times are handed in.
 */

type Sample = { readonly atMs: number; readonly lagMs: number }

/** So much lag for so long is falling behind. */
export type LagLimit = { readonly windowMs: number; readonly maxLagMs: number }

/** One child's lag; a new child gets a new meter. */
export class LagMeter {
  readonly #limits: readonly LagLimit[]
  readonly #startedMs: number
  #samples: Sample[] = []

  constructor(limits: readonly LagLimit[], nowMs: number) {
    this.#limits = limits
    this.#startedMs = nowMs
  }

  /** Notes how far the slowest track is behind what was fed. */
  sample(nowMs: number, lagMs: number): void {
    const oldestMs = nowMs - Math.max(...this.#limits.map(({ windowMs }) => windowMs))
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= oldestMs), { atMs: nowMs, lagMs }]
  }

  /** Whether it falls behind. */
  isBehind(nowMs: number): boolean {
    return this.#limits.some(({ windowMs, maxLagMs }) => this.#leastMs(nowMs, windowMs) > maxLagMs)
  }

  /** The lag that was not undercut in a window; 0 until such a window has passed. */
  #leastMs(nowMs: number, windowMs: number): number {
    if (nowMs - this.#startedMs < windowMs) return 0
    const lags = this.#samples.filter(({ atMs }) => atMs >= nowMs - windowMs).map(({ lagMs }) => lagMs)
    return lags.length === 0 ? 0 : Math.min(...lags)
  }
}
