/**
 * What an ad response comes to once all documents are there: places for ads, in the order of the document.
 *
 * Reference: ssai §3.4 (ad sequencing).
 */
import type { ResolvedAd } from './resolved-ad.ts'

/** A place for an ad. */
export type AdSlot = {
  /** Undefined when the ad that belongs here failed: another may take its place. */
  readonly ad: ResolvedAd | undefined
  /**
   * Place in the pod: the sequence numbers of the wrappers on the way and of the ad itself, outermost first. Empty for
   * stand-alone ads. Compared number by number.
   */
  readonly podPath: readonly number[]
  /** Counts the documents of the response; ads of one document have the same. */
  readonly documentIndex: number
  /** Whether a stand-alone ad may be played instead. */
  readonly allowsReplacement: boolean
}

/** The ads there are, in the order of the document. */
export function adsOf(slots: readonly AdSlot[]): readonly ResolvedAd[] {
  return slots.flatMap(({ ad }) => ad ?? [])
}
