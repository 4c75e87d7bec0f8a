/**
 * In which order the ads of a response are tried, and what is tried when one of them cannot be played.
 *
 * Pure. Whether an ad is ready and fits is the caller's to know.
 *
 * Reference: ssai §3.4 (ad sequencing).
 */
import type { AdSlot } from './ad-slot.ts'
import type { ResolvedAd } from './resolved-ad.ts'

/** `ignore`: all ads in the order of the document. `follow`: those with a place in the pod; the others replace them. */
export type SequenceMode = 'ignore' | 'follow'

/** The candidates of one break, each offered once. */
export type AdSequence = {
  /** The next ad to try; undefined when there is none left. The ad offered before counts as played. */
  readonly next: () => ResolvedAd | undefined
  /** The ad offered last cannot be played: what `next` gives may take its place. */
  readonly refuse: () => void
}

/** Orders the slots of a response. */
export function sequenceAds(slots: readonly AdSlot[], mode: SequenceMode): AdSequence {
  return mode === 'ignore' ? inDocumentOrder(slots) : inPodOrder(slots)
}

function inDocumentOrder(slots: readonly AdSlot[]): AdSequence {
  const ads = slots.flatMap(({ ad }) => ad ?? [])
  return { next: () => ads.shift(), refuse: () => undefined }
}

function inPodOrder(slots: readonly AdSlot[]): AdSequence {
  const pod = slots.filter(({ podPath }) => podPath.length > 0).sort(byPodPath)
  const replacements = slots.filter(({ podPath }) => podPath.length === 0)
  /** The slot whose ad failed, while replacements for it are tried. */
  let failed: AdSlot | undefined
  let offeredFor: AdSlot | undefined
  const next = (): ResolvedAd | undefined => {
    const replacement = failed?.allowsReplacement ? takeReplacement(replacements, failed) : undefined
    if (replacement) return replacement
    failed = undefined
    offeredFor = pod.shift()
    if (!offeredFor || offeredFor.ad) return offeredFor?.ad
    failed = offeredFor
    return next()
  }
  return {
    next: () => {
      const ad = next()
      failed = undefined
      return ad
    },
    refuse: () => (failed = offeredFor),
  }
}

/** Of the same document first, then of the others. */
function takeReplacement(replacements: AdSlot[], { documentIndex }: AdSlot): ResolvedAd | undefined {
  const own = replacements.findIndex((slot) => slot.documentIndex === documentIndex)
  return replacements.splice(Math.max(own, 0), 1)[0]?.ad
}

function byPodPath(one: AdSlot, other: AdSlot): number {
  const length = Math.max(one.podPath.length, other.podPath.length)
  for (let i = 0; i < length; i++) {
    const difference = (one.podPath[i] ?? 0) - (other.podPath[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
