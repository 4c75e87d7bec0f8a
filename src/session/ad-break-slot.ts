/**
 * One ad break at a time on a stream (reference ivs-behaviour §16.2).
 */
import type { Clock } from '../base/clock.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import { AD_BREAK_ID_CHARS } from '../domain/ad-break.ts'
import type { AdBreak } from '../domain/ad-break.ts'

/** The slot of one session; a break leaves it when its time is over. */
export class AdBreakSlot {
  readonly #clock: Clock
  #freeAtMonotonicMs = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins a break; undefined while another runs. */
  take(durationSeconds: number): AdBreak | undefined {
    const monotonicMs = this.#clock.monotonicMs()
    if (monotonicMs < this.#freeAtMonotonicMs) return undefined
    const durationMs = durationSeconds * 1000
    this.#freeAtMonotonicMs = monotonicMs + durationMs
    const insertedAtMs = this.#clock.nowMs()
    return {
      id: randomAlphanumeric(AD_BREAK_ID_CHARS),
      durationSeconds,
      insertedAtMs,
      endsAtMs: insertedAtMs + durationMs,
    }
  }
}
