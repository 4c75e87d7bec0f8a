/**
 * How many requests a target gets at once: more while it answers, half after each sign that it has too much to do, and
 * none for a while when nothing comes through at all.
 *
 * Reference: ssai §3.7 (slow down on time-outs and 503, 504, 507).
 */
import type { BeaconVerdict } from './beacon-transport.ts'

const FIRST_REQUESTS_AT_ONCE = 8
const MAX_REQUESTS_AT_ONCE = 512
/** After so many failures in a row the target is taken for dead. */
const MAX_FAILURES_IN_A_ROW = 8

/** The pace of one target. */
export class LanePace {
  readonly #retryMs: number
  #limit = FIRST_REQUESTS_AT_ONCE
  #underWay = 0
  #failuresInARow = 0
  #pausedUntilMs = -Infinity

  /** @param retryMs so long a dead target is left alone. */
  constructor(retryMs: number) {
    this.#retryMs = retryMs
  }

  /** Whether nothing comes through. */
  get isDead(): boolean {
    return this.#failuresInARow >= MAX_FAILURES_IN_A_ROW
  }

  /** Requests under way. */
  get underWay(): number {
    return this.#underWay
  }

  /** Nothing is sent before; in the past when the target is not left alone. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs
  }

  /** Whether another request may begin. */
  hasRoom(nowMs: number): boolean {
    return this.#underWay < this.#limit && nowMs >= this.#pausedUntilMs
  }

  /** A request begins. */
  begin(): void {
    this.#underWay++
  }

  /** A request that was begun is not made. */
  cancel(): void {
    this.#underWay--
  }

  /** A request has ended. */
  end(verdict: BeaconVerdict, nowMs: number): void {
    this.#underWay--
    if (verdict === 'arrived' || verdict === 'hopeless') {
      this.#failuresInARow = 0
      this.#limit = Math.min(this.#limit + 1, MAX_REQUESTS_AT_ONCE)
      return
    }
    this.#failuresInARow++
    if (verdict === 'slow') this.#limit = Math.max(Math.floor(this.#limit / 2), 1)
    if (!this.isDead) return
    // One request shows whether the target is back.
    this.#limit = 1
    this.#pausedUntilMs = nowMs + this.#retryMs
  }
}
