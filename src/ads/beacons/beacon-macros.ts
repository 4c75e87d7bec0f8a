/**
 * Fills in what a beacon's URL leaves open until it is sent.
 *
 * Reference: ssai §4.5.
 */

/** What is only known when a beacon is sent. */
export type FiringFacts = {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  /** From 0 up to, not including, 1. */
  readonly random: number
}

/** Fills in macros; what it does not know stays as it is. */
export type MacroFiller = (url: string, facts: FiringFacts) => string

const CACHE_BUSTER_DIGITS = 8

/** Knows `[CACHEBUSTING]` and `[TIMESTAMP]`. */
export const fillFiringMacros: MacroFiller = (url, { nowMs, random }) => {
  const cacheBuster = `${Math.floor(random * 10 ** CACHE_BUSTER_DIGITS)}`.padStart(CACHE_BUSTER_DIGITS, '0')
  return url
    .replaceAll('[CACHEBUSTING]', cacheBuster)
    .replaceAll('[TIMESTAMP]', encodeURIComponent(new Date(nowMs).toISOString()))
}
