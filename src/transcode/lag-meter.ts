/**
 * Tells a ladder that falls behind from one that catches up: a lag counts only while it lasts, the shorter the larger it
 * is, and not while it shrinks. A child that was just started has a lag to work off, and would otherwise have to give up one
 * rung after the other.
 *
 * Pure: samples and their times are handed in.
 */

type Sample = { readonly atMs: number; readonly lagMs: number }

/** So much lag for so long is falling behind. */
export type LagLimit = { readonly windowMs: number; readonly maxLagMs: number }

/** Media that a child makes up in each second of real time, as a share of it, when it catches up. */
const CATCHING_UP = 0.2

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
    return this.#limits.some(({ windowMs, maxLagMs }) => {
      const lags = this.#samples.filter(({ atMs }) => atMs >= nowMs - windowMs).map(({ lagMs }) => lagMs)
      if (nowMs - this.#startedMs < windowMs || lags.length === 0) return false
      const madeUpMs = (lags[0] ?? 0) - (lags.at(-1) ?? 0)
      return Math.min(...lags) > maxLagMs && madeUpMs < CATCHING_UP * windowMs
    })
  }
}
