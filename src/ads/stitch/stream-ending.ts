/**
 * What happens when the content of a stream has ended: whether ads follow is asked, they are decided for everybody who
 * watches, and laid behind the last segment that any rendition has.
 *
 * Everything waits for it no longer than a few seconds, and what is not known by then does not follow.
 *
 * Reference: ssai §6 (rule 9); ivs-behaviour §16.6.
 */
import type { Clock } from '../../base/clock.ts'
import { randomAlphanumeric } from '../../base/ids.ts'
import { AD_BREAK_ID_CHARS, type AdBreak } from '../../domain/ad-break.ts'
import type { PostRoll } from '../../domain/ad-configuration.ts'
import type { LiveMedia } from '../../domain/live.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { BreakRun } from './break-run.ts'
import type { ContentGrid, GridSegment } from './content-grid.ts'
import type { StreamPods } from './stream-pods.ts'
import type { StreamTail } from './stream-tail.ts'

/** What the end of a stream has to do with. */
export type StreamEndingOptions = {
  readonly media: LiveMedia
  readonly grid: ContentGrid
  readonly pods: StreamPods
  readonly tail: StreamTail
  readonly clock: Clock
  /** Whether ads follow; undefined when nobody would see them. */
  readonly postRoll: () => Promise<PostRoll | undefined>
  /** Asks for everybody who watches; undefined when there can be no ads. */
  readonly begin: (adBreak: AdBreak) => BreakRun | undefined
}

/** So long the end of a stream waits for the decision about what follows. */
const MAX_DECISION_MS = 3000
/** A rendition that ends later than the first one is waited for in steps, and not longer than this in all. */
const LAG_STEP_MS = 100
const MAX_LAG_MS = 3000

/** The end of one stream. */
export class StreamEnding {
  readonly #options: StreamEndingOptions

  constructor(options: StreamEndingOptions) {
    this.#options = options
  }

  /** Lays what follows; its length in milliseconds, 0 for nothing. */
  async run(): Promise<number> {
    const { clock, pods, postRoll, begin } = this.#options
    const dueMs = clock.monotonicMs() + MAX_DECISION_MS
    const wanted = await this.#within(postRoll(), dueMs)
    const run = wanted?.enabled === true ? begin(this.#breakOf(wanted, dueMs)) : undefined
    if (!run) return 0
    await this.#within(run.settled(), dueMs)
    await this.#allEnded()
    pods.stop()
    this.#lay(run)
    run.close()
    return run.adBreak.durationSeconds * 1000
  }

  /** Its decisions are of use until `dueMs`: that is when it begins. */
  #breakOf({ durationSeconds }: PostRoll, dueMs: number): AdBreak {
    const { clock } = this.#options
    const insertedAtMs = clock.nowMs()
    const targetStartMs = insertedAtMs + Math.max(0, dueMs - clock.monotonicMs())
    return {
      id: randomAlphanumeric(AD_BREAK_ID_CHARS),
      rollType: 'POSTROLL',
      durationSeconds,
      insertedAtMs,
      targetStartMs,
      endsAtMs: targetStartMs + durationSeconds * 1000,
    }
  }

  #lay(run: BreakRun): void {
    const { media, pods, tail } = this.#options
    const content = this.#lastSegments()
    const [rendition] = media.renditions
    const last = content.at(-1)
    if (!last || !rendition) return
    const laid = run.begin().flatMap((group) => pods.create(run.adBreak, group, undefined))
    const partTargetTicks = (rendition.partTargetMs() * MEDIA_TIMESCALE) / 1000
    const mostTicks = rendition.targetDurationSeconds() * MEDIA_TIMESCALE
    const segmentTicks = Math.min(mostTicks, content.at(-2)?.expectedTicks ?? last.expectedTicks)
    tail.lay(laid, content, { segmentTicks, partTargetTicks })
  }

  /** The last segments that any rendition has, with the lengths that they came to have. */
  #lastSegments(): GridSegment[] {
    const { media, grid } = this.#options
    const ends = media.renditions.flatMap((rendition) => rendition.segments().slice(-1))
    const last = ends.reduce((one, other) => (one && one.msn >= other.msn ? one : other), ends[0])
    if (!last) return []
    const segments = grid.recent.filter(({ msn }) => msn <= last.msn)
    return segments.map((segment, index) => {
      const next = segments[index + 1]
      const expectedTicks = next ? next.elapsedTicks - segment.elapsedTicks : last.durationTicks
      return { ...segment, expectedTicks }
    })
  }

  async #allEnded(): Promise<void> {
    const { media, grid, clock } = this.#options
    const untilMs = clock.monotonicMs() + MAX_LAG_MS
    while (media.renditions.some((one) => !one.ended()) && clock.monotonicMs() < untilMs) {
      await new Promise<void>((resolve) => void clock.after(LAG_STEP_MS, resolve))
    }
    for (const rendition of media.renditions) grid.look(rendition)
  }

  /** What `promise` gives; undefined when that is not there at `dueMs`. */
  async #within<Value>(promise: Promise<Value>, dueMs: number): Promise<Value | undefined> {
    const { clock } = this.#options
    return new Promise((resolve, reject) => {
      const timer = clock.after(dueMs - clock.monotonicMs(), () => resolve(undefined))
      promise.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}
