/**
 * How long a target is left alone after a failure.
 */

const FIRST_PAUSE_MS = 1000
const MAX_PAUSE_MS = 300_000
/** Pauses differ by up to so much either way, so that those who failed together do not come back together. */
const SPREAD = 0.2

/**
 * The pause after a failure: one second, then twice as long each time, five minutes at most.
 *
 * @param attempts failures in a row, from 1.
 * @param random from 0 up to, not including, 1.
 */
export function backOffMs(attempts: number, random: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), MAX_PAUSE_MS)
  return Math.round(pauseMs * (1 + SPREAD * (2 * random - 1)))
}
