/**
 * What follows the content's last segment: ads after the end, on a grid that goes on where the content stopped.
 *
 * While it is being decided what follows, views stay open. Then all segments are there at once, and the views end.
 *
 * Reference: ssai §6 (rule 9); ivs-behaviour §16.6.
 */
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { SegmentShape } from './ad-segment.ts'
import type { GridSegment } from './content-grid.ts'
import type { Pod } from './pod.ts'
import type { Program } from './program.ts'

/** How the segments of a tail are. */
export type TailCadence = { readonly segmentTicks: number; readonly partTargetTicks: number }

/** Longest tail, in segments: five minutes of the shortest ones, and some. */
const MAX_TAIL_SEGMENTS = 400

/** The tail of one stream. */
export class StreamTail {
  readonly #listeners = new Set<() => void>()
  readonly #shapes: SegmentShape[] = []
  #isOpen = false
  #version = 0

  /** Whether something may follow yet. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  /** Calls `listener` after each change; the result ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** From now on it is being decided what follows. */
  open(): void {
    this.#isOpen = true
    this.#version++
  }

  /**
   * Lays `pods` behind the content's last segments, each on the same new segments.
   *
   * @param content the last segments that any rendition has, not empty: those that one lacks are gaps there.
   */
  lay(pods: readonly Pod[], content: readonly GridSegment[], cadence: TailCadence): void {
    let before = content.at(-1)
    if (!before) return
    this.#shapes.push(...content.map(gapOf))
    for (let count = 0; count < MAX_TAIL_SEGMENTS && pods.some((pod) => !pod.isOver); count++) {
      const next = following(before, cadence)
      for (const pod of pods) pod.extend(next)
      if (pods.some((pod) => pod.slot(next.msn) !== undefined)) this.#shapes.push(shapeOf(next, cadence))
      before = next
    }
    for (const pod of pods) pod.stop()
  }

  /** It is decided: nothing but what was laid follows. */
  close(): void {
    this.#isOpen = false
    this.#version++
    for (const listener of this.#listeners) listener()
  }

  /**
   * The segments from `nextMsn` on as a session with `program` sees them. Those that only other renditions have come
   * first; nothing can be shown in their place.
   */
  after(nextMsn: number, program: Program): readonly SegmentShape[] {
    if (this.#isOpen) return []
    const shapes = this.#shapes.filter(
      ({ msn, gap }) => msn >= nextMsn && (gap || program.slot(msn) !== undefined),
    )
    return shapes.every(({ gap }) => gap) ? [] : shapes
  }
}

function gapOf(segment: GridSegment): SegmentShape {
  const { expectedTicks, ...head } = segment
  return { ...head, gap: true, parts: [], durationTicks: expectedTicks, complete: true }
}

/** Length of the segments of a tail is that of the content's last; the same for all, so that all end alike. */
function following(before: GridSegment, { segmentTicks }: TailCadence): GridSegment {
  return {
    msn: before.msn + 1,
    startTicks: before.startTicks + before.expectedTicks,
    elapsedTicks: before.elapsedTicks + before.expectedTicks,
    programDateTimeMs: before.programDateTimeMs + (before.expectedTicks * 1000) / MEDIA_TIMESCALE,
    discontinuity: false,
    expectedTicks: segmentTicks,
  }
}

function shapeOf(segment: GridSegment, { segmentTicks, partTargetTicks }: TailCadence): SegmentShape {
  const { msn, startTicks, elapsedTicks, programDateTimeMs } = segment
  const parts: { durationTicks: number }[] = []
  const count = Math.max(1, Math.ceil(segmentTicks / partTargetTicks))
  for (let part = 0; part < count; part++) {
    const fromTicks = Math.round((part * segmentTicks) / count)
    parts.push({ durationTicks: Math.round(((part + 1) * segmentTicks) / count) - fromTicks })
  }
  const head = { msn, startTicks, elapsedTicks, programDateTimeMs, discontinuity: false, gap: false }
  return { ...head, parts, durationTicks: segmentTicks, complete: true }
}
