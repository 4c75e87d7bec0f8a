/**
 * The ads of one break as they lie on the content's segments: the same for all sessions that see the same ads from the
 * same segment on.
 *
 * An ad takes whole segments, as many as cover it; the next one begins with the segment after, and content with the one
 * after the last. What stands at a segment is settled when that segment begins, and never changes. An ad that would reach
 * past the end of what there is to fill is not begun, and one that has begun is not cut.
 *
 * Reference: ssai §6 (rules 2, 3), §7.2.
 */
import type { AdBreak } from '../../domain/ad-break.ts'
import type { LiveRendition } from '../../domain/live.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { ResolvedAd } from '../../media/vast/resolved-ad.ts'
import type { LoadedCreative } from '../creative-library.ts'
import type { GridSegment } from './content-grid.ts'

/** What of an ad players are told. */
export type ShownAd = Pick<ResolvedAd, 'adId' | 'creativeId' | 'adSystem' | 'adTitle'>

/** What fills a stretch of a pod. */
export type PodEntry = {
  readonly creative: LoadedCreative
  /** Undefined for a slate or bumper. */
  readonly ad: ShownAd | undefined
}

/** An entry where it lies. */
export type PlacedEntry = PodEntry & {
  /** Place among all entries, and among the ads, from 0; the latter undefined for a slate or bumper. */
  readonly index: number
  readonly adIndex: number | undefined
  /** The segment it begins with. */
  readonly from: GridSegment
}

/** A segment of an ad. */
export type AdSlot = {
  readonly entry: PlacedEntry
  readonly segment: GridSegment
  /** How far into the ad the segment begins. */
  readonly offsetTicks: number
  /** The stretch of the ad that counts as seen with this segment; stretches of an ad follow each other without a hole. */
  readonly fromTicks: number
  readonly toTicks: number
  /** Whether the ad's end counts as seen with it. */
  readonly isLast: boolean
}

/** What a pod is made of. */
export type PodOptions = {
  /** Tells pods of a stream apart. */
  readonly id: number
  readonly adBreak: AdBreak
  readonly entries: readonly PodEntry[]
  /** What there is to fill. */
  readonly limitTicks: number
  /** Whether another ad ends where this begins: its discontinuity is counted there. */
  readonly followsAd: boolean
}

/** Stretch of segment numbers that a playlist lists. */
export type ListedRange = { readonly firstMsn: number; readonly lastMsn: number }

/** An ad may be this much longer than its segments: the rest is silence as a rule (a tenth of a second). */
const TOLERANCE_TICKS = MEDIA_TIMESCALE / 10
/** What lies this little behind a segment's end counts as in it: 20 ms. */
const ROUNDING_TICKS = MEDIA_TIMESCALE / 50

/** One pod. */
export class Pod {
  readonly id: number
  readonly adBreak: AdBreak
  readonly entries: readonly PodEntry[]
  readonly #limitTicks: number
  readonly #followsAd: boolean
  readonly #placed: PlacedEntry[] = []
  readonly #slots = new Map<number, AdSlot>()
  readonly #introduced: number[] = []
  #startTicks = 0
  #seenTicks = 0
  #lastMsn = -1
  #nextIndex = 0
  #end: GridSegment | undefined
  #isOver = false

  constructor(options: PodOptions) {
    this.id = options.id
    this.adBreak = options.adBreak
    this.entries = options.entries
    this.#limitTicks = options.limitTicks
    this.#followsAd = options.followsAd
  }

  /** Wall clock of its beginning; 0 before that. */
  get startMs(): number {
    return this.#placed[0]?.from.programDateTimeMs ?? 0
  }

  /** What there is to fill. */
  get limitTicks(): number {
    return this.#limitTicks
  }

  /** Entries that have begun, in order. */
  get placed(): readonly PlacedEntry[] {
    return this.#placed
  }

  /** Segments at which this pod brings a discontinuity that the content does not have. */
  get introduced(): readonly number[] {
    return this.#introduced
  }

  /** The content's first segment after the ads; undefined while they run, or when there is none. */
  get end(): GridSegment | undefined {
    return this.#end
  }

  /** Whether no further segment will be an ad. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The number of the last segment that this pod has to do with, so far. */
  get lastMsn(): number {
    return this.#lastMsn
  }

  /** The number of the last segment that is an ad, so far. */
  get lastAdMsn(): number {
    return this.#end ? this.#end.msn - 1 : this.#lastMsn
  }

  /** Whether a playlist lists one of its ads. */
  isListedIn({ firstMsn, lastMsn }: ListedRange): boolean {
    const [first] = this.#placed
    return first !== undefined && first.from.msn <= lastMsn && this.lastAdMsn >= firstMsn
  }

  /** The ad that stands at segment `msn`. */
  slot(msn: number): AdSlot | undefined {
    return this.#slots.get(msn)
  }

  /** The segments of entry number `index`, as far as it has come. */
  segmentsOf(index: number): readonly GridSegment[] {
    return [...this.#slots.values()].flatMap(({ entry, segment }) => (entry.index === index ? segment : []))
  }

  /** The pod as it will lie in the end, when segments stay as long as they are expected to be. */
  foreseen(): Pod {
    if (this.#isOver) return this
    const { id, adBreak, entries } = this
    const pod = new Pod({ id, adBreak, entries, limitTicks: this.#limitTicks, followsAd: this.#followsAd })
    let next: GridSegment | undefined
    for (const { segment } of this.#slots.values()) {
      pod.extend(segment)
      next = following(segment)
    }
    for (; next && !pod.isOver; next = following(next)) pod.extend(next)
    return pod
  }

  /** The next segment begins: an ad or, after the last one, content. */
  extend(segment: GridSegment): void {
    if (this.#isOver) return
    this.#lastMsn = segment.msn
    const running = this.#placed.at(-1)
    if (!running) this.#startTicks = segment.elapsedTicks
    if (running && remainingTicks(running, segment) > TOLERANCE_TICKS) this.#addSlot(running, segment)
    else this.#beginNext(segment)
  }

  /** There is no further segment. */
  stop(): void {
    this.#isOver = true
  }

  #beginNext(segment: GridSegment): void {
    const index = this.#nextIndex
    const entry = this.entries[index]
    if (!entry || !this.#fits(entry, segment)) {
      this.#isOver = true
      this.#end = segment
      if (this.#placed.length > 0) this.#introduce(segment)
      return
    }
    this.#nextIndex++
    const adIndex = entry.ad && this.entries.slice(0, index).filter(({ ad }) => ad !== undefined).length
    const placed = { ...entry, index, adIndex, from: segment }
    if (index > 0 || !this.#followsAd) this.#introduce(segment)
    this.#placed.push(placed)
    this.#seenTicks = 0
    this.#addSlot(placed, segment)
  }

  /** Segments may be a little longer than they were when the ads were chosen: half of one is let pass. */
  #fits({ creative }: PodEntry, segment: GridSegment): boolean {
    if (this.#placed.length === 0) return true
    const endTicks = segment.elapsedTicks - this.#startTicks + creative.durationTicks
    return endTicks <= this.#limitTicks + Math.max(TOLERANCE_TICKS, segment.expectedTicks / 2)
  }

  #addSlot(entry: PlacedEntry, segment: GridSegment): void {
    const offsetTicks = segment.elapsedTicks - entry.from.elapsedTicks
    const fromTicks = this.#seenTicks
    const toTicks = Math.max(fromTicks, offsetTicks + segment.expectedTicks + ROUNDING_TICKS)
    this.#seenTicks = toTicks
    const isLast = entry.creative.durationTicks - toTicks <= TOLERANCE_TICKS
    this.#slots.set(segment.msn, { entry, segment, offsetTicks, fromTicks, toTicks, isLast })
  }

  #introduce({ msn, discontinuity }: GridSegment): void {
    if (!discontinuity) this.#introduced.push(msn)
  }
}

function remainingTicks({ creative, from }: PlacedEntry, segment: GridSegment): number {
  return creative.durationTicks - (segment.elapsedTicks - from.elapsedTicks)
}

/** The segment after `segment` when both are equally long. */
function following(segment: GridSegment): GridSegment {
  const { expectedTicks } = segment
  return {
    msn: segment.msn + 1,
    startTicks: segment.startTicks + expectedTicks,
    elapsedTicks: segment.elapsedTicks + expectedTicks,
    programDateTimeMs: segment.programDateTimeMs + (expectedTicks * 1000) / MEDIA_TIMESCALE,
    discontinuity: false,
    expectedTicks,
  }
}

/** The stretch that a playlist of `rendition` lists now. */
export function listedIn(rendition: LiveRendition): ListedRange {
  const segments = rendition.segments()
  return { firstMsn: segments[0]?.msn ?? 0, lastMsn: segments.at(-1)?.msn ?? -1 }
}
