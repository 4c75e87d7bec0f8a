/**
 * An ad break in a running stream (reference ivs-behaviour §16.2).
 */

/** Characters of an ad break's id. */
export const AD_BREAK_ID_CHARS = 12

/** Before, inside or after the content of a stream. */
export type AdRollType = 'PREROLL' | 'MIDROLL' | 'POSTROLL'

/** A break that was asked for. */
export type AdBreak = {
  /** 12 letters or digits; the same for all breaks before a stream. */
  readonly id: string
  readonly rollType: AdRollType
  /** 1 to 300. */
  readonly durationSeconds: number
  /** When it was asked for, when viewers' playlists turn to ads, and when it is over; milliseconds since the Unix epoch. */
  readonly insertedAtMs: number
  readonly targetStartMs: number
  readonly endsAtMs: number
}

/** The rest of a break is rounded up to a multiple of this share of it (reference ssai §1.6). */
const QUARTERS = 4

/** What is left of a break at `nowMs`, rounded up to whole quarters of it, in milliseconds. */
export function remainingQuartersMs(
  { durationSeconds, endsAtMs }: Pick<AdBreak, 'durationSeconds' | 'endsAtMs'>,
  nowMs: number,
): number {
  const durationMs = durationSeconds * 1000
  const quarterMs = durationMs / QUARTERS
  const quarters = Math.ceil(Math.max(0, endsAtMs - nowMs) / quarterMs)
  return Math.min(QUARTERS, quarters) * quarterMs
}

/** What became of the wish for a break. */
export type AdBreakOutcome =
  | { readonly kind: 'inserted'; readonly adBreak: AdBreak }
  | { readonly kind: 'refused'; readonly reason: 'not-live' | 'break-running' }
