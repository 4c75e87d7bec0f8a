/**
 * The machine's clock, but faster, for programs whose pauses would make a test too long. Every process that is given the
 * same `startMs` sees the same time.
 */
import { systemClock, type Clock } from '../../src/base/clock.ts'

/** A clock that goes `speed` times as fast since `startMs`, milliseconds since the Unix epoch. */
export function hastyClock(startMs: number, speed: number): Clock {
  return {
    nowMs: () => startMs + (systemClock.nowMs() - startMs) * speed,
    monotonicMs: () => systemClock.monotonicMs() * speed,
    after: (delayMs, run) => systemClock.after(delayMs / speed, run),
  }
}
