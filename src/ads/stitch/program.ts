/**
 * What a session sees: the pods in its windows, in order. Sessions with the same pods share one program, its views and
 * their prints.
 */
import type { LiveRendition } from '../../domain/live.ts'
import type { ShownDateRange } from '../../domain/viewer-ads.ts'
import { adDateRanges, type AdMarkers } from './ad-date-ranges.ts'
import type { AdSlot, ListedRange, Pod } from './pod.ts'

/** A sequence of pods. */
export class Program {
  readonly pods: readonly Pod[]
  readonly #views = new Map<LiveRendition, LiveRendition>()

  /** @param pods in the order of their segments. */
  constructor(pods: readonly Pod[]) {
    this.pods = pods
  }

  /** The view of `content`, made by `create` when it is first asked for. */
  view(content: LiveRendition, create: () => LiveRendition): LiveRendition {
    let view = this.#views.get(content)
    if (!view) {
      view = create()
      this.#views.set(content, view)
    }
    return view
  }

  /** The ad at segment `msn`. */
  slot(msn: number): AdSlot | undefined {
    for (const pod of this.pods) {
      const slot = pod.slot(msn)
      if (slot) return slot
    }
    return undefined
  }

  /** Whether ads bring a discontinuity at segment `msn` that the content does not have. */
  introduces(msn: number): boolean {
    return this.pods.some((pod) => pod.introduced.includes(msn))
  }

  /** How many such discontinuities are before segment `firstMsn`. */
  introducedBefore(firstMsn: number): number {
    let count = 0
    for (const pod of this.pods) for (const msn of pod.introduced) if (msn < firstMsn) count++
    return count
  }

  /** Whether a playlist that begins with segment `firstMsn` differs from the content's. */
  reaches(firstMsn: number): boolean {
    return this.pods.some((pod) => !pod.isOver || pod.lastMsn >= firstMsn)
  }

  /** What a playlist says about the ads that it lists. */
  dateRanges(listed: ListedRange, markers: AdMarkers): ShownDateRange[] {
    const starts = new Set(this.pods.map((pod) => pod.placed[0]?.from.msn))
    return this.pods.flatMap((pod) =>
      adDateRanges(pod, { listed, markers, isFollowed: starts.has(pod.end?.msn ?? -1) }),
    )
  }
}
