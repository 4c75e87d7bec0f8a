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
  readonly #leadMs: number
  #freeAtMonotonicMs = -Infinity

  /** @param leadMs from the request to the moment at which playlists turn to ads. */
  constructor(clock: Clock, leadMs: number) {
    this.#clock = clock
    this.#leadMs = leadMs
  }

  /** Begins a break; undefined while another is announced or runs. */
  take(durationSeconds: number): AdBreak | undefined {
    const monotonicMs = this.#clock.monotonicMs()
    if (monotonicMs < this.#freeAtMonotonicMs) return undefined
    const durationMs = durationSeconds * 1000
    this.#freeAtMonotonicMs = monotonicMs + this.#leadMs + durationMs
    const insertedAtMs = this.#clock.nowMs()
    const targetStartMs = insertedAtMs + this.#leadMs
    return {
      id: randomAlphanumeric(AD_BREAK_ID_CHARS),
      rollType: 'MIDROLL',
      durationSeconds,
      insertedAtMs,
      targetStartMs,
      endsAtMs: targetStartMs + durationMs,
    }
  }
}
