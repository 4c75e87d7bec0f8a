/**
 * Moments as answers show them (reference ivs-api §1).
 */

/** ISO 8601, UTC, whole seconds: `2026-01-02T03:04:05Z`. */
export function toTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
