/**
 * Whole-number media time: a count of ticks and the ticks in a second.
 */

/**
 * Converts `ticks` from one timescale to another, rounding to the nearest tick (halves up).
 *
 * Exact while `ticks * toTimescale` stays below 2^53: 90 kHz to 90 kHz-sized scales for over 30,000 years of ticks
 * is not needed, 48 hours at 90 kHz to 192 kHz uses a thousandth of that room.
 */
export function rescaleTicks(ticks: number, fromTimescale: number, toTimescale: number): number {
  if (fromTimescale === toTimescale) return ticks
  return Math.round((ticks * toTimescale) / fromTimescale)
}

/** Seconds with three decimals, as playlists print them; `ticks` may be any whole number. */
export function ticksToSecondsText(ticks: number, timescale: number): string {
  return (ticks / timescale).toFixed(3)
}
