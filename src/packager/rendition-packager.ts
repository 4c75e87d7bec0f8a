/**
 * Cuts one rendition into segments and parts.
 *
 * Input: tracks and access units in decode order, on one timeline. Output: a `LiveWindow`.
 * A segment begins at a keyframe; when keyframes are too far apart it is cut without one, so that no segment exceeds the
 * declared target duration. A part ends where the next picture would make it longer than the part target. Everything up
 * to the end of the first segment is held back, because it settles the target durations and the tracks.
 * Pure but for the wall clock of keyframes: no timers, no files.
 *
 * Spec: rfc8216bis §4.4.3.1 (target duration), §4.4.4.9 (parts), §6.2.1; reference ivs-behaviour §1.2, §6.5.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { rescaleTicks } from '../base/ticks.ts'
import type { ContainerFormat } from '../domain/channel.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaSink, type MediaTrack } from '../media/access-unit.ts'
import type { MuxedTracks, TimedUnit } from '../media/timed-unit.ts'
import { MAX_FIRST_SEGMENT_TICKS, settleCadence, type Cadence } from './cadence.ts'
import type { LiveWindow } from './live-window.ts'
import { createPartMuxer, type PartMuxer } from './part-muxer.ts'
import { WallClockAnchor } from './wall-clock-anchor.ts'

/** How to cut. */
export type PackagerSettings = {
  readonly container: ContainerFormat
  /** Shortest segment that a keyframe ends, in milliseconds. */
  readonly segmentMs: number
  /** Wished part length in milliseconds. */
  readonly partMs: number
}

/** What a packager needs. */
export type RenditionPackagerOptions = PackagerSettings & {
  readonly window: LiveWindow
  readonly clock: Clock
  readonly logger: Logger
  /** Called once, when the first segment can be fetched. */
  readonly onPlayable: () => void
}

/** Times are rounded to milliseconds on their way here: a keyframe this early still ends a segment. */
const SEGMENT_SLACK_TICKS = (MEDIA_TIMESCALE * 50) / 1000
/** A segment or a first segment larger than this is cut, whatever its duration. */
const MAX_SEGMENT_BYTES = 32 * 1024 * 1024

/** Pictures further apart than this are not a first segment. */
const MAX_HELD_GAP_TICKS = 2 * MEDIA_TIMESCALE

/** The packager of one rendition. */
export class RenditionPackager implements MediaSink {
  readonly #options: RenditionPackagerOptions
  readonly #window: LiveWindow
  readonly #minSegmentTicks: number
  readonly #anchor = new WallClockAnchor()
  /** Units since the first keyframe, while the cadence is not settled. */
  #held: AccessUnit[] = []
  #heldBytes = 0
  #cadence: Cadence | undefined
  #tracks: MuxedTracks = { video: undefined, audio: undefined }
  /** Kinds whose parameters changed: their units wait for the next segment. */
  #changed = new Set<'video' | 'audio'>()
  #muxer: PartMuxer | undefined
  /** The picture whose duration the next one will tell. */
  #pending: AccessUnit | undefined
  #part: TimedUnit[] = []
  #partBytes = 0
  #partStartTicks = 0
  #partHasVideo = false
  #partIsIndependent = false
  #segmentIsOpen = false
  #segmentStartTicks = 0
  #segmentStartsAtKeyframe = false
  #broken = false
  #audioTicks = 0
  #ended = false

  constructor(options: RenditionPackagerOptions) {
    this.#options = options
    this.#window = options.window
    this.#minSegmentTicks = (options.segmentMs * MEDIA_TIMESCALE) / 1000 - SEGMENT_SLACK_TICKS
  }

  readonly onTrack = (track: MediaTrack): void => {
    this.#tracks = { ...this.#tracks, [track.kind]: track }
    if (track.kind === 'audio') {
      this.#audioTicks = rescaleTicks(track.aac.samplesPerFrame, track.aac.sampleRate, MEDIA_TIMESCALE)
    }
    if (this.#cadence) {
      this.#changed.add(track.kind)
    } else if (this.#held.some((unit) => unit.kind === track.kind)) {
      // Nothing is published yet, so what was held with other parameters can simply go.
      this.#dropHeld()
    }
  }

  readonly onUnit = (unit: AccessUnit): void => {
    if (this.#ended) return
    if (unit.kind === 'video') this.#followClock(unit)
    if (this.#cadence) this.#package(unit, this.#cadence)
    else this.#hold(unit)
  }

  readonly onEnd = (): void => {
    if (this.#ended) return
    this.#ended = true
    this.#held = []
    if (this.#cadence && this.#segmentIsOpen) this.#endSegment(this.#flushPending(this.#cadence))
    this.#window.end()
  }

  #followClock(picture: AccessUnit): void {
    if (!this.#cadence) this.#anchor.learn(picture.dtsTicks, this.#options.clock.nowMs())
    else if (picture.keyframe) this.#anchor.observe(picture.dtsTicks, this.#options.clock.nowMs())
  }

  #hold(unit: AccessUnit): void {
    if (this.#hasHole(unit) || this.#heldBytes > MAX_SEGMENT_BYTES) this.#dropHeld()
    const first = this.#held[0]
    if (first && unit.kind === 'video') {
      const ticks = unit.dtsTicks - first.dtsTicks
      if (this.#endsFirstSegment(unit, ticks)) {
        this.#release(ticks)
        this.onUnit(unit)
        return
      }
    }
    if (this.#held.length === 0 && !(unit.kind === 'video' && unit.keyframe)) return
    this.#held.push(unit)
    this.#heldBytes += unit.data.length
  }

  /** Whether so much is missing before `unit` that no cadence can be read from what is held. */
  #hasHole(unit: AccessUnit): boolean {
    const lastPicture = this.#held.findLast((held) => held.kind === 'video')
    return lastPicture !== undefined && unit.dtsTicks - lastPicture.dtsTicks > MAX_HELD_GAP_TICKS
  }

  #dropHeld(): void {
    this.#held = []
    this.#heldBytes = 0
  }

  #endsFirstSegment(next: AccessUnit, ticks: number): boolean {
    return (next.keyframe && ticks >= this.#minSegmentTicks) || ticks >= MAX_FIRST_SEGMENT_TICKS
  }

  #release(segmentTicks: number): void {
    const held = this.#held
    this.#held = []
    const frames = held.reduce((count, unit) => count + (unit.kind === 'video' ? 1 : 0), 0)
    const cadence = settleCadence(segmentTicks, frames, this.#options.partMs)
    this.#cadence = cadence
    this.#window.settle(cadence)
    for (const unit of held) this.#package(unit, cadence)
  }

  #package(unit: AccessUnit, cadence: Cadence): void {
    if (unit.kind === 'video') this.#packageVideo(unit, cadence)
    else this.#packageAudio(unit, cadence)
  }

  #packageAudio(unit: AccessUnit, cadence: Cadence): void {
    if (!this.#segmentIsOpen || this.#changed.has('audio')) return
    const pending = this.#pending
    if (pending && unit.dtsTicks - pending.dtsTicks > cadence.maxSegmentTicks) {
      this.#breakSegment(cadence)
      return
    }
    this.#part.push({ ...unit, durationTicks: this.#audioTicks })
    this.#partBytes += unit.data.length
  }

  #packageVideo(next: AccessUnit, cadence: Cadence): void {
    const pending = this.#pending
    if (pending) {
      const durationTicks = next.dtsTicks - pending.dtsTicks
      if (durationTicks > cadence.targetDurationSeconds * MEDIA_TIMESCALE) this.#breakSegment(cadence)
      else this.#addPicture({ ...pending, durationTicks }, next, cadence)
      this.#pending = undefined
    }
    if (!this.#segmentIsOpen) {
      if (!next.keyframe) return
      this.#openSegment(next)
    }
    this.#pending = next
  }

  #addPicture(picture: TimedUnit, next: AccessUnit, cadence: Cadence): void {
    const endTicks = picture.dtsTicks + picture.durationTicks
    // The guess of this picture's duration was too short: it does not fit where it would have gone.
    if (
      endTicks - this.#segmentStartTicks > cadence.maxSegmentTicks &&
      picture.dtsTicks > this.#segmentStartTicks
    ) {
      this.#endSegment(picture.dtsTicks)
      this.#openSegment(picture)
    } else if (this.#partHasVideo && endTicks - this.#partStartTicks > cadence.partTargetTicks) {
      this.#endPart(picture.dtsTicks, false)
    }
    this.#pushPicture(picture)
    if (this.#endsSegment(next, cadence)) {
      this.#endSegment(endTicks)
      if (next.keyframe || !this.#changed.has('video')) this.#openSegment(next)
    } else if (endTicks + cadence.frameTicks - this.#partStartTicks > cadence.partTargetTicks) {
      this.#endPart(endTicks, false)
    }
  }

  #pushPicture(picture: TimedUnit): void {
    if (!this.#partHasVideo) this.#partIsIndependent = picture.keyframe
    this.#partHasVideo = true
    this.#part.push(picture)
    this.#partBytes += picture.data.length
  }

  #endsSegment(next: AccessUnit, cadence: Cadence): boolean {
    const ticks = next.dtsTicks - this.#segmentStartTicks
    if (next.keyframe) {
      return this.#changed.size > 0 || ticks >= this.#minSegmentTicks || !this.#segmentStartsAtKeyframe
    }
    if (this.#changed.has('video')) return true
    if (this.#partBytes + this.#window.openBytes > MAX_SEGMENT_BYTES) return true
    return ticks + cadence.frameTicks > cadence.maxSegmentTicks
  }

  /** Media stopped for longer than a segment may last: end it here and go on at the next keyframe. */
  #breakSegment(cadence: Cadence): void {
    this.#options.logger.debug('gap in the media', { msn: this.#window.segments().at(-1)?.msn })
    this.#endSegment(this.#flushPending(cadence))
    this.#broken = true
  }

  /** Adds the pending picture with the usual duration; the time it ends. */
  #flushPending(cadence: Cadence): number {
    const pending = this.#pending
    this.#pending = undefined
    if (!pending) return this.#partStartTicks
    const durationTicks = Math.round(cadence.frameTicks)
    this.#pushPicture({ ...pending, durationTicks })
    return pending.dtsTicks + durationTicks
  }

  #openSegment(first: AccessUnit): void {
    const changes = first.keyframe && this.#changed.size > 0
    const discontinuity = this.#broken || changes
    if (!this.#muxer || changes) this.#startMuxer()
    this.#broken = false
    this.#segmentIsOpen = true
    this.#segmentStartTicks = first.dtsTicks
    this.#segmentStartsAtKeyframe = first.keyframe
    this.#partStartTicks = first.dtsTicks
    this.#window.openSegment({
      programDateTimeMs: this.#anchor.wallClockMs(first.dtsTicks),
      discontinuity,
      init: this.#muxer?.init,
    })
  }

  #startMuxer(): void {
    const { video, audio } = this.#tracks
    this.#changed = new Set()
    this.#muxer =
      this.#muxer?.continueWith(this.#tracks) ?? createPartMuxer(this.#options.container, this.#tracks)
    if (!video) return
    this.#window.describe({
      codecs: audio ? [video.avc.codecString, audio.aac.codecString] : [video.avc.codecString],
      width: video.avc.width,
      height: video.avc.height,
      frameRate: this.#cadence?.frameRate,
    })
  }

  #endSegment(endTicks: number): void {
    this.#segmentIsOpen = false
    const wasPlayable = this.#window.segments().length > 0
    if (endTicks > this.#partStartTicks) this.#endPart(endTicks, true)
    else this.#window.completeSegment()
    if (!wasPlayable && !this.#ended) this.#options.onPlayable()
  }

  #endPart(endTicks: number, completesSegment: boolean): void {
    const body = this.#muxer?.writePart(this.#part)
    const part = { durationTicks: endTicks - this.#partStartTicks, independent: this.#partIsIndependent }
    this.#part = []
    this.#partBytes = 0
    this.#partStartTicks = endTicks
    this.#partHasVideo = false
    this.#partIsIndependent = false
    if (body) this.#window.addPart({ ...part, body }, completesSegment)
  }
}
