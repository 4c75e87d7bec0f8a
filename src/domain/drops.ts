/**
 * What the rooms give up because a bound is reached or something cannot be used, counted by reason for operators.
 */

/** Everything that is counted. */
export const DROP_REASONS = [
  /** A connection of an encoder beyond the limits. */
  'publish-connection',
  /** A picture or sound frame of an encoder: damaged, before the first keyframe, or without its configuration. */
  'ingest-unit',
  'ingest-caption',
  /** A text of an encoder beyond the limits. */
  'ingest-metadata',
  /** A picture or sound frame that came too late for its part, or too much of them at once. */
  'packaged-unit',
  'packaged-metadata',
  /** An event of an account while the database is too slow. */
  'account-event',
] as const

/** Why something was given up. */
export type DropReason = (typeof DROP_REASONS)[number]

/** Sums since the start of the process. */
export class DropCounts {
  readonly #counts = new Map<DropReason, number>(DROP_REASONS.map((reason) => [reason, 0]))

  /** Adds `drops`. */
  count(reason: DropReason, drops = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + drops)
  }

  /** Every reason with its sum. */
  get all(): readonly (readonly [DropReason, number])[] {
    return [...this.#counts]
  }
}

/** Turns sums that somebody keeps for himself into counts: what came on top since the last call. */
export function dropReporter(drops: DropCounts, reason: DropReason): (sum: number) => void {
  let counted = 0
  return (sum) => {
    if (sum > counted) drops.count(reason, sum - counted)
    counted = sum
  }
}
