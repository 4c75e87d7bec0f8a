/**
 * Time as a value that is handed in, so that nothing but the process edge reads the real clock.
 */

/** A pending call; cancelling one that has run or was cancelled does nothing. */
export type Timer = { cancel: () => void }

/** Source of time for every module that waits or stamps. */
export type Clock = {
  /** Wall clock, milliseconds since the Unix epoch; may jump. */
  readonly nowMs: () => number
  /** Milliseconds that never go backwards; the zero point is arbitrary. */
  readonly monotonicMs: () => number
  /** Runs `run` once after at least `delayMs` milliseconds; does not keep the process alive. */
  readonly after: (delayMs: number, run: () => void) => Timer
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const handle = setTimeout(run, delayMs)
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}
