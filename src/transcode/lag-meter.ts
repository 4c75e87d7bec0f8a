/**
 * Tells a ladder that falls behind from one that catches up: a lag counts only while it lasts over a whole window.
 *
 * Pure: samples and their times are handed in.
 */

type Sample = { readonly atMs: number; readonly lagMs: number }

/** How a lag is judged. */
export type LagLimits = { readonly windowMs: number; readonly maxLagMs: number }

/** One child's lag; a new child gets a new meter. */
export class LagMeter {
  readonly #limits: LagLimits
  readonly #startedMs: number
  #samples: Sample[] = []

  constructor(limits: LagLimits, nowMs: number) {
    this.#limits = limits
    this.#startedMs = nowMs
  }

  /** Notes how far the slowest track is behind what was fed. */
  sample(nowMs: number, lagMs: number): void {
    const oldestMs = nowMs - this.#limits.windowMs
    this.#samples = [...this.#samples.filter(({ atMs }) => atMs >= oldestMs), { atMs: nowMs, lagMs }]
  }

  /** The lag that was not undercut in the window; 0 until a window has passed. */
  sustainedMs(nowMs: number): number {
    if (nowMs - this.#startedMs < this.#limits.windowMs) return 0
    return this.#samples.length === 0 ? 0 : Math.min(...this.#samples.map(({ lagMs }) => lagMs))
  }

  /** Whether it falls behind. */
  isBehind(nowMs: number): boolean {
    return this.sustainedMs(nowMs) > this.#limits.maxLagMs
  }
}
