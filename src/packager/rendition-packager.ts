/**
 * Cuts one rendition where the plan says, into a `LiveWindow`.
 *
 * Units come as they come: with the source's arrival, some hundred milliseconds later from a transcoder, or not at all
 * for a while. A part is closed once its pictures are all there; sound is put into the part of its time, and what is late
 * goes into the next. Where media is missing, the segment ends early or is listed as a gap, and pictures go on at the
 * next segment that begins with a keyframe: so numbers, times and discontinuities agree with every other rendition.
 * Timed metadata goes into the part of its time, and is missing where that part is.
 *
 * Pure: no timers, no files.
 *
 * Spec: rfc8216bis §6.2.4 (renditions in agreement), §4.4.4.7 (EXT-X-GAP).
 */
import type { Logger } from '../base/logger.ts'
import type { ContainerFormat } from '../domain/channel.ts'
import { dropReporter } from '../domain/drops.ts'
import type { DropCounts } from '../domain/drops.ts'
import { MEDIA_TIMESCALE, type AudioTrack, type MediaTrack, type VideoTrack } from '../media/access-unit.ts'
import { segmentClock } from '../media/segment-clock.ts'
import type { TimedMetadata } from '../media/timed-metadata.ts'
import { interleave, type MuxedTracks } from '../media/timed-unit.ts'
import { frameRateOf, type Cadence } from './cadence.ts'
import {
  lastKeptTicks,
  type Cut,
  type PlannedEnd,
  type PlannedPart,
  type PlannedSegment,
} from './cut-plan.ts'
import type { LiveWindow } from './live-window.ts'
import { MetadataQueue } from './metadata-queue.ts'
import { createPartMuxer, type PartMuxer } from './part-muxer.ts'
import { timedFrames, timedPictures } from './timed-media.ts'
import { UnitQueue } from './unit-queue.ts'
import { audioFrameTicks, type SourcedUnit } from './unit-source.ts'

/** What a packager needs. */
export type RenditionPackagerOptions = {
  readonly window: LiveWindow
  readonly container: ContainerFormat
  readonly logger: Logger
  readonly drops: DropCounts
  /** The audio track that units of now would have; undefined when none is known. */
  readonly audioTrack: () => AudioTrack | undefined
  /** Whether there is sound to wait for before the first segment. */
  readonly expectsAudio: () => boolean
  /** The tracks changed where the plan has no discontinuity: it shall have one at the next segment. */
  readonly onUnplannedChange: () => void
  /** Called once, when the first segment can be fetched. */
  readonly onPlayable: () => void
}

/** The source may be this far past the end of a part that still lacks media; then the part is closed without it. */
const MAX_LAG_TICKS = 5 * MEDIA_TIMESCALE
/** Sound from a transcoder that is behind its pictures is waited for up to this much media time. */
const AUDIO_PATIENCE_TICKS = 0.15 * MEDIA_TIMESCALE
/** Most bytes of units that wait to be cut: a first segment at its limit and some. */
const MAX_QUEUED_BYTES = 40 * 1024 * 1024

/**
 * A segment of the plan as this rendition has it: nothing decided yet, parts in the window, ended there before its time,
 * or without any media.
 */
type SegmentState = { readonly plan: PlannedSegment; media: 'undecided' | 'open' | 'short' | 'gap' }

/** The packager of one rendition. */
export class RenditionPackager {
  readonly #options: RenditionPackagerOptions
  readonly #window: LiveWindow
  readonly #video = new UnitQueue()
  readonly #audio = new UnitQueue()
  readonly #metadata = new MetadataQueue()
  readonly #reportDroppedUnits: (sum: number) => void
  readonly #reportDroppedMetadata: (sum: number) => void
  readonly #cuts: Cut[] = []
  #cadence: Cadence | undefined
  #segment: SegmentState | undefined
  #partStartTicks = -Infinity
  #plannedTicks = -Infinity
  /** Where the plan went on after the last time that it left out. */
  #resumedTicks = -Infinity
  #newestVideoTicks = -Infinity
  #newestKeepEvery = 1
  #newestIsPlanned = false
  #audioEndTicks = -Infinity
  #tracks: MuxedTracks = { video: undefined, audio: undefined }
  #muxer: PartMuxer | undefined
  /** A discontinuity was planned since the muxer was made: another may take over. */
  #mayChange = true
  /** Whether the next picture can be decoded: false from missing media up to the next keyframe that begins a segment. */
  #inSync = false
  #askedForChange = false
  #isPlayable = false
  #droppedUnits = 0
  #shortSegments = 0
  #gaps = 0
  #finished = false

  constructor(options: RenditionPackagerOptions) {
    this.#options = options
    this.#window = options.window
    this.#reportDroppedUnits = dropReporter(options.drops, 'packaged-unit')
    this.#reportDroppedMetadata = dropReporter(options.drops, 'packaged-metadata')
  }

  /** The cadence of the plan; before its first cut. */
  settle(cadence: Cadence): void {
    this.#cadence = cadence
  }

  /** Takes a unit in; those of a kind come in decode order. */
  push(sourced: SourcedUnit): void {
    if (this.#finished) return
    const { unit, track } = sourced
    if (track.kind === 'video') {
      this.#newestVideoTicks = Math.max(this.#newestVideoTicks, unit.dtsTicks)
      this.#newestKeepEvery = sourced.keepEvery
      this.#newestIsPlanned = sourced.isPlanned
      if (unit.dtsTicks < (this.#segment?.plan.startTicks ?? -Infinity)) this.#droppedUnits++
      else this.#video.push(sourced)
    } else {
      const endTicks = unit.dtsTicks + audioFrameTicks(track)
      this.#audioEndTicks = Math.max(this.#audioEndTicks, endTicks)
      if (endTicks > this.#resumedTicks) this.#audio.push(sourced)
    }
    if (this.#video.sizeBytes + this.#audio.sizeBytes > MAX_QUEUED_BYTES) this.#loseQueued()
    this.#advance()
  }

  /** Takes timed metadata in, in the order of its times. */
  pushMetadata(piece: TimedMetadata): void {
    if (!this.#finished) this.#metadata.push(piece)
  }

  /** The next step of the plan. */
  readonly onCut = (cut: Cut): void => {
    if (this.#finished) return
    // One that starts in mid-stream begins with a whole segment.
    if (cut.kind !== 'segment' && !this.#segment && this.#cuts.length === 0) return
    this.#cuts.push(cut)
    if (cut.kind === 'part') this.#plannedTicks = cut.endTicks
    this.#advance()
  }

  /** Media before `startTicks` is no part of the stream; sound that reaches past it is. */
  forgetBefore(startTicks: number): void {
    this.#video.takeBefore(startTicks)
    const track = this.#audio.first?.track
    const frameTicks = track?.kind === 'audio' ? audioFrameTicks(track) : 0
    this.#audio.takeBefore(startTicks - frameTicks + 1)
  }

  /** What waits from `startTicks` on is replaced by units that come from elsewhere. */
  forgetFrom(startTicks: number): void {
    this.#video.dropFrom(startTicks)
    this.#audio.dropFrom(startTicks)
    this.#newestVideoTicks = Math.min(this.#newestVideoTicks, startTicks - 1)
    this.#audioEndTicks = Math.min(this.#audioEndTicks, startTicks - 1)
  }

  /** No unit will follow: closes what is planned with what is there, and ends the window. */
  finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#advance()
    if (this.#segment?.media === 'open') this.#window.completeSegment()
    this.#window.end()
    this.#reportDrops()
    if (this.#droppedUnits + this.#shortSegments + this.#gaps === 0) return
    this.#options.logger.info('rendition ended with media missing', {
      rendition: this.#window.name,
      droppedUnits: this.#droppedUnits,
      shortSegments: this.#shortSegments,
      gaps: this.#gaps,
      droppedMetadata: this.#metadata.dropped,
    })
  }

  #advance(): void {
    for (let cut = this.#cuts[0]; cut; cut = this.#cuts[0]) {
      if (cut.kind === 'part' && !this.#isReady(cut)) return
      this.#cuts.shift()
      if (cut.kind === 'segment') this.#beginSegment(cut)
      else if (cut.kind === 'part') this.#closePart(cut)
      else this.#endSegment(cut)
    }
  }

  #isReady(part: PlannedPart): boolean {
    if (this.#finished || this.#plannedTicks - part.endTicks > MAX_LAG_TICKS) return true
    if (!this.#muxer && !this.#options.audioTrack() && this.#options.expectsAudio()) return false
    if (!this.#window.hasVideo) return this.#audioEndTicks >= part.endTicks
    const patienceTicks = this.#newestIsPlanned ? 0 : AUDIO_PATIENCE_TICKS
    if (this.#newestVideoTicks >= part.endTicks + patienceTicks) return true
    if (this.#newestVideoTicks < lastKeptTicks(part, this.#newestKeepEvery)) return false
    return !this.#options.expectsAudio() || this.#audioEndTicks >= part.endTicks
  }

  #reportDrops(): void {
    this.#reportDroppedUnits(this.#droppedUnits)
    this.#reportDroppedMetadata(this.#metadata.dropped)
  }

  #beginSegment(plan: PlannedSegment): void {
    this.#reportDrops()
    if (plan.startTicks > this.#partStartTicks) {
      this.#resumedTicks = plan.startTicks
      this.forgetBefore(plan.startTicks)
    }
    this.#droppedUnits += this.#video.takeBefore(plan.startTicks).length
    // One that joins later leaves to the others what was before it.
    if (!this.#segment && plan.msn > 0) this.#metadata.dropBefore(plan.startTicks)
    this.#segment = { plan, media: 'undecided' }
    this.#partStartTicks = plan.startTicks
    if (!plan.discontinuity) return
    this.#mayChange = true
    this.#askedForChange = false
  }

  #closePart(cut: PlannedPart): void {
    const segment = this.#segment
    if (!segment) return
    const pictures = this.#video.takeBefore(cut.endTicks)
    const frames = this.#audio.takeBefore(cut.endTicks)
    if (segment.media === 'undecided' || segment.media === 'open') {
      if (this.#takeUp(segment, pictures, frames)) this.#writePart(cut, pictures, frames)
      else if (segment.media === 'open' && frames.length === 0 && this.#isWithinFrame(cut)) {
        this.#window.completeSegment(cut.endTicks - this.#partStartTicks)
      } else this.#lose(segment)
    }
    this.#metadata.dropBefore(cut.endTicks)
    this.#partStartTicks = cut.endTicks
    if (cut.endsSegment) this.#endSegment(cut)
  }

  #endSegment({ kind, endTicks }: PlannedPart | PlannedEnd): void {
    const segment = this.#segment
    if (!segment) return
    if (segment.media === 'gap') {
      this.#window.addGap(segment.plan, endTicks - segment.plan.startTicks)
      this.#gaps++
    } else if (kind === 'segment-end' && segment.media === 'open') this.#window.completeSegment()
    segment.media = 'short'
    this.#tellPlayable()
  }

  /** Whether the part can be written; opens the segment when it is its first. */
  #takeUp(segment: SegmentState, pictures: readonly SourcedUnit[], frames: readonly SourcedUnit[]): boolean {
    const first = this.#window.hasVideo ? pictures[0] : frames[0]
    if (!first) return false
    if (segment.media === 'open') return this.#fits(first)
    if (!beginsSegment(first, segment.plan) || (!this.#inSync && !first.unit.keyframe)) return false
    if (!this.#startMuxer(segment.plan, first, frames)) return false
    this.#inSync = true
    segment.media = 'open'
    this.#window.openSegment(segment.plan, this.#muxer?.init)
    return true
  }

  #startMuxer(plan: PlannedSegment, first: SourcedUnit, frames: readonly SourcedUnit[]): boolean {
    if (!this.#mayChange) return this.#fits(first)
    const tracks = {
      video: first.track.kind === 'video' ? first.track : undefined,
      audio: this.#audioTrackFrom(plan.startTicks, frames),
    }
    const isSame = tracks.video === this.#tracks.video && tracks.audio === this.#tracks.audio
    if (!isSame && !first.unit.keyframe) return false
    this.#mayChange = false
    if (this.#muxer && isSame) return true
    this.#tracks = tracks
    this.#muxer = this.#muxer?.continueWith(tracks) ?? createPartMuxer(this.#options.container, tracks)
    this.#describe(tracks, first.keepEvery)
    return true
  }

  #audioTrackFrom(startTicks: number, frames: readonly SourcedUnit[]): AudioTrack | undefined {
    const frame = frames.find(({ unit }) => unit.dtsTicks >= startTicks) ?? this.#audio.first ?? frames.at(-1)
    return frame?.track.kind === 'audio' ? frame.track : this.#options.audioTrack()
  }

  #describe({ video, audio }: MuxedTracks, keepEvery: number): void {
    this.#window.describe({
      codecs: [...(video ? [video.avc.codecString] : []), ...(audio ? [audio.aac.codecString] : [])],
      width: video?.avc.width,
      height: video?.avc.height,
      frameRate: video && this.#cadence ? frameRateOf(this.#cadence.frameTicks * keepEvery) : undefined,
    })
  }

  /** Whether the muxer can write `sourced`; asks for a discontinuity when the plan has none for it. */
  #fits({ track, isPlanned }: SourcedUnit): boolean {
    if (track === this.#trackOf(track.kind)) return true
    const isExpected = this.#cuts.some((cut) => cut.kind === 'segment' && cut.discontinuity)
    if (!isPlanned && !isExpected && !this.#askedForChange) {
      this.#askedForChange = true
      this.#options.onUnplannedChange()
    }
    return false
  }

  #trackOf(kind: MediaTrack['kind']): VideoTrack | AudioTrack | undefined {
    return kind === 'video' ? this.#tracks.video : this.#tracks.audio
  }

  #writePart(cut: PlannedPart, pictures: readonly SourcedUnit[], frames: readonly SourcedUnit[]): void {
    const usable = (sourced: SourcedUnit): boolean => this.#fits(sourced)
    const video = timedPictures(pictures.filter(usable), cut.endTicks)
    const audio = timedFrames(frames.filter(usable))
    this.#droppedUnits += pictures.length + frames.length - video.length - audio.length
    const metadata = this.#metadataUntil(cut.endTicks)
    const body = this.#muxer?.writePart(interleave(video, audio), metadata)
    if (!body) return
    const durationTicks = cut.endTicks - this.#partStartTicks
    const independent = video[0]?.keyframe ?? true
    this.#window.addPart({ durationTicks, independent, body }, cut.endsSegment)
  }

  /** Whether the part ends a segment of sound alone, so soon that the frame before it reaches as far. */
  #isWithinFrame({ endTicks, endsSegment }: PlannedPart): boolean {
    const { audio } = this.#tracks
    if (this.#window.hasVideo || !endsSegment || !audio || this.#audioEndTicks < endTicks) return false
    return endTicks - this.#partStartTicks <= audioFrameTicks(audio)
  }

  /** What applies in the part up to `endTicks`, which begins a segment with its clock. */
  #metadataUntil(endTicks: number): TimedMetadata[] {
    const plan = this.#segment?.plan
    if (plan?.startTicks !== this.#partStartTicks) return this.#metadata.take(this.#partStartTicks, endTicks)
    return [segmentClock(plan), ...this.#metadata.take(this.#partStartTicks + 1, endTicks)]
  }

  /** Nothing of the segment from here on can be shown. */
  #lose(segment: SegmentState): void {
    this.#inSync = false
    if (segment.media === 'undecided') {
      segment.media = 'gap'
      return
    }
    segment.media = 'short'
    this.#shortSegments++
    this.#window.completeSegment()
    this.#tellPlayable()
  }

  #loseQueued(): void {
    this.#droppedUnits += this.#video.takeBefore(Infinity).length + this.#audio.takeBefore(Infinity).length
    this.#inSync = false
  }

  #tellPlayable(): void {
    if (this.#isPlayable || !this.#window.isPublished) return
    this.#isPlayable = true
    this.#options.onPlayable()
  }
}

/** Whether nothing of the segment is missing before `first`: a hole there would put it at another time than others have. */
function beginsSegment({ unit }: SourcedUnit, { startTicks }: PlannedSegment): boolean {
  return unit.kind === 'audio' || unit.dtsTicks === startTicks
}
