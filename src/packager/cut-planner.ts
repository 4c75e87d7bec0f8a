/**
 * Decides, from the source's pictures alone, where all renditions of a stream are cut.
 *
 * A segment begins at a keyframe; when keyframes are too far apart it is cut without one, so that no segment exceeds the
 * declared target duration. A part ends where the next pictures would make it longer than the part target. Everything up
 * to the end of the first segment is held back, because it settles the cadence.
 *
 * Keyframes are the source's own, or pictures on a grid (`grid-keyframes.ts`) where the transcoder makes them.
 * Pure: arrival times are handed in.
 *
 * Spec: rfc8216bis §4.4.3.1 (target duration), §4.4.4.9 (parts), §6.2.1; reference ivs-behaviour §1.2, §6.5.
 */
import type { Logger } from '../base/logger.ts'
import type { KeyframePlan } from '../domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'
import { MAX_FIRST_SEGMENT_TICKS, settleCadence, type Cadence } from './cadence.ts'
import type { Cut, Picture } from './cut-plan.ts'
import { GridKeyframes } from './grid-keyframes.ts'
import type { WallClockAnchor } from './wall-clock-anchor.ts'

/** How to cut. */
export type CutSettings = {
  /** Shortest segment that a keyframe ends, in milliseconds. */
  readonly segmentMs: number
  /** Wished part length in milliseconds. */
  readonly partMs: number
}

/** What a planner needs. */
export type CutPlannerOptions = CutSettings & {
  readonly keyframes: KeyframePlan
  /** Parts hold a multiple of this many pictures of the source. */
  readonly frameStep: number
  readonly anchor: WallClockAnchor
  readonly logger: Logger
  /** Called once, before the first cut. */
  readonly onCadence: (cadence: Cadence) => void
  readonly onCut: (cut: Cut) => void
}

/** Times are rounded to milliseconds on their way here: a keyframe this early still ends a segment. */
const SEGMENT_SLACK_TICKS = (MEDIA_TIMESCALE * 50) / 1000
/** A segment or a first segment of more source bytes than this is cut, whatever its duration. */
export const MAX_SEGMENT_BYTES: number = 32 * 1024 * 1024
/** Pictures further apart than this are not a first segment. */
const MAX_HELD_GAP_TICKS = 2 * MEDIA_TIMESCALE

/** The planner of one stream. */
export class CutPlanner {
  readonly #options: CutPlannerOptions
  readonly #minSegmentTicks: number
  readonly #grid: GridKeyframes | undefined
  /** Pictures since the first keyframe, while the cadence is not settled. */
  #held: Picture[] = []
  #holdsAudio = false
  #cadence: Cadence | undefined
  /** Kinds whose parameters changed: the next keyframe begins a segment. */
  readonly #changed = new Set<MediaTrack['kind']>()
  /** The picture whose duration the next one will tell. */
  #pending: Picture | undefined
  /** The pictures counted so far of `frameStep`, and the full count before. */
  #step: Picture[] = []
  #stepBefore: Picture[] = []
  #segmentIsOpen = false
  #segmentStartTicks = 0
  #segmentStartsAtKeyframe = false
  /** Source bytes of what is held, or of the open segment. */
  #bytes = 0
  #partStartTicks = 0
  #broken = false
  #nextMsn = 0
  #discontinuities = 0
  #elapsedTicks = 0

  constructor(options: CutPlannerOptions) {
    this.#options = options
    this.#minSegmentTicks = (options.segmentMs * MEDIA_TIMESCALE) / 1000 - SEGMENT_SLACK_TICKS
    this.#grid = options.keyframes === 'own' ? new GridKeyframes() : undefined
  }

  /** From where on media is, or may yet be, part of a segment; undefined while a keyframe is waited for. */
  get startTicks(): number | undefined {
    if (this.#segmentIsOpen) return this.#segmentStartTicks
    return this.#held[0]?.dtsTicks ?? this.#grid?.startTicks
  }

  /** Whether the first cut has been made. */
  get hasBegun(): boolean {
    return this.#cadence !== undefined
  }

  /** The source's parameters changed, or a kind appeared. */
  onTrack(kind: MediaTrack['kind']): void {
    if (this.#cadence) {
      if (this.#grid) this.#grid.change()
      else this.#changed.add(kind)
    } else if (kind === 'video' || this.#holdsAudio) {
      // Nothing is published yet, so what was held with other parameters can simply go.
      this.#dropHeld()
    }
  }

  /** A unit of the source that arrived at `arrivalMs`, milliseconds since the Unix epoch. */
  onUnit(unit: AccessUnit, arrivalMs: number): void {
    if (unit.kind === 'audio') this.#onAudio(unit.dtsTicks)
    else this.#onVideo(unit, arrivalMs)
    if (this.startTicks !== undefined) this.#bytes += unit.data.length
  }

  /** The next keyframe begins a segment, with a discontinuity. */
  discontinue(): void {
    this.#broken = this.#nextMsn > 0
  }

  /** The source has ended: plans the end of what is open. */
  onEnd(): void {
    if (this.#grid) for (const picture of this.#grid.flush()) this.#onPicture(picture)
    this.#held = []
    if (this.#cadence && this.#segmentIsOpen) this.#endSegment(this.#flushPending(this.#cadence))
  }

  #onVideo(unit: AccessUnit, arrivalMs: number): void {
    const { anchor } = this.#options
    if (!this.#cadence) anchor.learn(unit.dtsTicks, arrivalMs)
    else if (unit.keyframe) anchor.observe(unit.dtsTicks, arrivalMs)
    if (this.#grid) for (const picture of this.#grid.push(unit)) this.#onPicture(picture)
    else this.#onPicture(unit)
  }

  #onAudio(dtsTicks: number): void {
    if (!this.#cadence) {
      if (this.#hasHole(dtsTicks)) this.#dropHeld()
      this.#holdsAudio = this.#held.length > 0
    } else if (this.#pending && dtsTicks - this.#pending.dtsTicks > this.#cadence.maxSegmentTicks) {
      this.#breakSegment(this.#cadence)
    }
  }

  #onPicture(picture: Picture): void {
    if (this.#cadence && picture.changed === true) this.#broken = true
    if (this.#cadence) this.#plan(picture, this.#cadence)
    else this.#hold(picture)
  }

  #hold(picture: Picture): void {
    if (this.#hasHole(picture.dtsTicks) || this.#bytes > MAX_SEGMENT_BYTES) this.#dropHeld()
    const first = this.#held[0]
    if (first) {
      const durationTicks = picture.dtsTicks - first.dtsTicks
      if (this.#endsFirstSegment(picture, durationTicks)) {
        this.#plan(picture, this.#release(durationTicks))
        return
      }
    } else if (!picture.keyframe) return
    this.#held.push(picture)
  }

  /** Whether so much is missing before `dtsTicks` that no cadence can be read from what is held. */
  #hasHole(dtsTicks: number): boolean {
    const last = this.#held.at(-1)
    return last !== undefined && dtsTicks - last.dtsTicks > MAX_HELD_GAP_TICKS
  }

  #dropHeld(): void {
    this.#held = []
    this.#holdsAudio = false
    this.#bytes = 0
  }

  #endsFirstSegment(next: Picture, durationTicks: number): boolean {
    if (next.keyframe && durationTicks >= this.#minSegmentTicks) return true
    return durationTicks >= MAX_FIRST_SEGMENT_TICKS
  }

  #release(durationTicks: number): Cadence {
    const held = this.#held
    this.#dropHeld()
    const cadence = settleCadence({ durationTicks, frames: held.length }, this.#options)
    this.#cadence = cadence
    this.#options.onCadence(cadence)
    for (const picture of held) this.#plan(picture, cadence)
    return cadence
  }

  #plan(next: Picture, cadence: Cadence): void {
    const pending = this.#pending
    if (pending) {
      const durationTicks = next.dtsTicks - pending.dtsTicks
      if (durationTicks > cadence.targetDurationSeconds * MEDIA_TIMESCALE) this.#breakSegment(cadence)
      else this.#addPicture(pending, next, cadence)
      this.#pending = undefined
    }
    if (!this.#segmentIsOpen) {
      if (!next.keyframe) return
      this.#openSegment(next)
    }
    this.#pending = next
  }

  #addPicture(picture: Picture, next: Picture, cadence: Cadence): void {
    const endTicks = next.dtsTicks
    const stepTicks = this.#options.frameStep * cadence.frameTicks
    this.#count(picture)
    this.#cutBeforeStep(endTicks, cadence)
    if (this.#endsSegment(next, cadence)) {
      this.#endSegment(endTicks)
      if (next.keyframe || !this.#changed.has('video')) this.#openSegment(next)
    } else if (this.#stepIsFull && endTicks + stepTicks - this.#partStartTicks > cadence.partTargetTicks) {
      this.#endPart(endTicks, false)
    }
  }

  /** The guess of a picture's duration was too short: its step does not fit where it would have gone. */
  #cutBeforeStep(endTicks: number, cadence: Cadence): void {
    const [first] = this.#step
    if (!first) return
    if (
      endTicks - this.#segmentStartTicks > cadence.maxSegmentTicks &&
      first.dtsTicks > this.#segmentStartTicks
    ) {
      const step = this.#step
      this.#endSegment(first.dtsTicks)
      this.#openSegment(first)
      this.#step = step
    } else if (
      endTicks - this.#partStartTicks > cadence.partTargetTicks &&
      first.dtsTicks > this.#partStartTicks
    ) {
      this.#endPart(first.dtsTicks, false)
    }
  }

  #count(picture: Picture): void {
    if (this.#stepIsFull || picture.keyframe) {
      this.#stepBefore = this.#step
      this.#step = []
    }
    this.#step.push(picture)
  }

  get #stepIsFull(): boolean {
    return this.#step.length >= this.#options.frameStep
  }

  #endsSegment(next: Picture, cadence: Cadence): boolean {
    const ticks = next.dtsTicks - this.#segmentStartTicks
    if (next.keyframe) {
      if (this.#breaksAtKeyframe || !this.#segmentStartsAtKeyframe) return true
      return ticks >= this.#minSegmentTicks
    }
    if (this.#changed.has('video')) return true
    if (!this.#stepIsFull) return false
    if (this.#bytes > MAX_SEGMENT_BYTES) return true
    return ticks + this.#options.frameStep * cadence.frameTicks > cadence.maxSegmentTicks
  }

  get #breaksAtKeyframe(): boolean {
    return this.#broken || this.#changed.size > 0
  }

  /** Media stopped for longer than a segment may last: end it here and go on at the next keyframe. */
  #breakSegment(cadence: Cadence): void {
    this.#options.logger.debug('gap in the media', { msn: this.#nextMsn - 1 })
    this.#endSegment(this.#flushPending(cadence))
    this.#broken = true
  }

  /** Counts the pending picture with the usual duration; the time it ends. */
  #flushPending(cadence: Cadence): number {
    const pending = this.#pending
    this.#pending = undefined
    if (!pending) return this.#partStartTicks
    this.#count(pending)
    return pending.dtsTicks + Math.round(cadence.frameTicks)
  }

  #openSegment(first: Picture): void {
    const discontinuity = first.keyframe && this.#breaksAtKeyframe
    if (discontinuity) {
      this.#discontinuities++
      this.#broken = false
      this.#changed.clear()
    }
    this.#segmentIsOpen = true
    this.#segmentStartTicks = first.dtsTicks
    this.#segmentStartsAtKeyframe = first.keyframe
    this.#partStartTicks = first.dtsTicks
    this.#bytes = 0
    this.#step = []
    this.#stepBefore = []
    this.#options.onCut({
      kind: 'segment',
      msn: this.#nextMsn++,
      startTicks: first.dtsTicks,
      programDateTimeMs: this.#options.anchor.wallClockMs(first.dtsTicks),
      discontinuity,
      discontinuities: this.#discontinuities,
      elapsedTicks: this.#elapsedTicks,
    })
  }

  #endSegment(endTicks: number): void {
    this.#segmentIsOpen = false
    this.#elapsedTicks += endTicks - this.#segmentStartTicks
    if (endTicks > this.#partStartTicks) this.#endPart(endTicks, true)
    else this.#options.onCut({ kind: 'segment-end', endTicks })
  }

  #endPart(endTicks: number, endsSegment: boolean): void {
    this.#partStartTicks = endTicks
    const [first] = this.#step
    const tail = first && first.dtsTicks < endTicks ? this.#step : this.#stepBefore
    const tailTicks = tail.map((picture) => picture.dtsTicks)
    this.#options.onCut({ kind: 'part', endTicks, tailTicks, endsSegment })
  }
}
