/**
 * Where units come from: the publisher, or what a transcoder makes for one rung.
 */
import { rescaleTicks } from '../base/ticks.ts'
import {
  MEDIA_TIMESCALE,
  type AccessUnit,
  type AudioTrack,
  type MediaTrack,
  type VideoTrack,
} from '../media/access-unit.ts'
import { sameAacConfig } from '../media/codec/aac.ts'
import { sameAvcConfig } from '../media/codec/avc.ts'

/** A unit with what is needed to decode it, on its way into a rendition. */
export type SourcedUnit = {
  readonly unit: AccessUnit
  readonly track: MediaTrack
  /** Every n-th picture of the publisher comes from where this one came. */
  readonly keepEvery: number
  /** Whether the plan itself sees changes of this track. */
  readonly isPlanned: boolean
}

/** One origin of units and its tracks of now; equal tracks are the same object. */
export class UnitSource {
  readonly keepEvery: number
  readonly isPublisher: boolean
  #video: VideoTrack | undefined
  #audio: AudioTrack | undefined
  /** Whether it said that no unit will follow. */
  ended = false

  constructor(options: { readonly keepEvery: number; readonly isPublisher: boolean }) {
    this.keepEvery = options.keepEvery
    this.isPublisher = options.isPublisher
  }

  get audio(): AudioTrack | undefined {
    return this.#audio
  }

  /** Takes the tracks that later units belong to; false when nothing is new. */
  setTrack(track: MediaTrack): boolean {
    if (track.kind === 'video') {
      if (this.#video && sameAvcConfig(this.#video.avc, track.avc)) return false
      this.#video = track
    } else {
      if (this.#audio && sameAacConfig(this.#audio.aac, track.aac)) return false
      this.#audio = track
    }
    return true
  }

  /** `unit` with its track; undefined when it belongs to none. */
  sourced(unit: AccessUnit): SourcedUnit | undefined {
    const track = unit.kind === 'video' ? this.#video : this.#audio
    if (!track) return undefined
    return { unit, track, keepEvery: this.keepEvery, isPlanned: this.isPublisher }
  }
}

/** Length of a frame of `track`, 90 kHz. */
export function audioFrameTicks({ aac }: AudioTrack): number {
  return rescaleTicks(aac.samplesPerFrame, aac.sampleRate, MEDIA_TIMESCALE)
}
