/**
 * How long to wait before asking again: soon at first, then bounded, so that an idle page stays quiet.
 */

const FIRST_DELAY_MS = 1500
const GROWTH = 1.5
const MAX_DELAY_MS = 8000
const SPREAD = 0.2

/**
 * Wait before try `attempt` (0 for the first), in milliseconds, never above 8000.
 *
 * @param random in [0, 1): spreads many pages over the last fifth, so that they do not all ask at once.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const fullMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * GROWTH ** attempt)
  return Math.round(fullMs * (1 - SPREAD * random))
}
