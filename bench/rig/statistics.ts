/**
 * Numbers about numbers.
 */

/** The value that `share` (0 to 1) of `values` do not exceed; NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** The middle value; NaN when there are none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
