/**
 * The content's segments as they begin: the grid that ads are laid on.
 *
 * All renditions agree on numbers and times, so whichever shows a segment first tells where it is for all. Whoever shows
 * a rendition to a viewer looks at it here first: nobody sees a segment before it is known what stands in its place.
 */
import type { LiveRendition, LiveSegment } from '../../domain/live.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'

/** Where a segment begins, and whether the content's time broke there. */
export type GridSegment = Pick<
  LiveSegment,
  'msn' | 'startTicks' | 'elapsedTicks' | 'programDateTimeMs' | 'discontinuity'
> & {
  /** How long it will be, as far as can be told when it begins: as long as the one before. */
  readonly expectedTicks: number
}

/** A boundary that lies this little before a time counts as at it, milliseconds: both are rounded. */
const ROUNDING_MS = 2

/** When the first segment begins at or after `wallMs`, if all are as long as `newest`; milliseconds since the Unix epoch. */
export function boundaryAfter(newest: GridSegment, wallMs: number): number {
  const { programDateTimeMs, expectedTicks } = newest
  const segmentMs = (expectedTicks * 1000) / MEDIA_TIMESCALE
  const ahead = Math.max(0, Math.ceil((wallMs - ROUNDING_MS - programDateTimeMs) / segmentMs))
  return Math.round(programDateTimeMs + ahead * segmentMs)
}

/** Begun segments that are remembered. */
const MAX_REMEMBERED = 16

/** The grid of one stream. */
export class ContentGrid {
  readonly #onSegment: (segment: GridSegment) => void
  readonly #seen = new WeakMap<LiveRendition, number>()
  readonly #recent: GridSegment[] = []

  /** @param onSegment called for every segment that begins, in order. */
  constructor(onSegment: (segment: GridSegment) => void) {
    this.#onSegment = onSegment
  }

  /** The segment that began last; undefined before the first. */
  get newest(): GridSegment | undefined {
    return this.#recent.at(-1)
  }

  /** The segments that began last, in order. */
  get recent(): readonly GridSegment[] {
    return this.#recent
  }

  /** Takes in what `rendition` shows by now. */
  look(rendition: LiveRendition): void {
    const version = rendition.version()
    if (this.#seen.get(rendition) === version) return
    this.#seen.set(rendition, version)
    const segments = rendition.segments()
    const newestMsn = this.newest?.msn ?? -1
    let at = segments.length
    while (at > 0 && (segments[at - 1]?.msn ?? -1) > newestMsn) at--
    for (const segment of segments.slice(at)) this.#begin(segment, rendition)
  }

  #begin(segment: LiveSegment, rendition: LiveRendition): void {
    const before = this.newest
    const { msn, startTicks, elapsedTicks, programDateTimeMs, discontinuity } = segment
    const lastTicks = before ? elapsedTicks - before.elapsedTicks : 0
    const expectedTicks = lastTicks > 0 ? lastTicks : rendition.targetDurationSeconds() * MEDIA_TIMESCALE
    const begun = { msn, startTicks, elapsedTicks, programDateTimeMs, discontinuity, expectedTicks }
    this.#recent.push(begun)
    if (this.#recent.length > MAX_REMEMBERED) this.#recent.shift()
    this.#onSegment(begun)
  }
}
