/**
 * A clock that moves only when it is told to, for tests and simulations.
 */
import type { Clock, Timer } from './clock.ts'

type Pending = { readonly dueMs: number; readonly order: number; readonly run: () => void }

/** Clock whose time advances by `advance`; timers run in order of their due time. */
export class ManualClock implements Clock {
  #elapsedMs = 0
  #order = 0
  readonly #startMs: number
  readonly #pending = new Set<Pending>()

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs
  }

  readonly nowMs = (): number => this.#startMs + this.#elapsedMs

  readonly monotonicMs = (): number => this.#elapsedMs

  readonly after = (delayMs: number, run: () => void): Timer => {
    const entry = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#pending.add(entry)
    return { cancel: () => void this.#pending.delete(entry) }
  }

  /** Timers that have not run yet. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  /** Moves time forward by `byMs` ≥ 0, running each timer at its own moment. */
  advance(byMs: number): void {
    const endMs = this.#elapsedMs + byMs
    for (;;) {
      let next: Pending | undefined
      for (const entry of this.#pending) {
        if (entry.dueMs > endMs) continue
        const sooner =
          !next || entry.dueMs < next.dueMs || (entry.dueMs === next.dueMs && entry.order < next.order)
        if (sooner) next = entry
      }
      if (!next) break
      this.#pending.delete(next)
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs)
      next.run()
    }
    this.#elapsedMs = endMs
  }
}
