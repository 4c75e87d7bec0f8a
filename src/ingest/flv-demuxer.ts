/**
 * Turns the FLV tag bodies of one publisher into tracks and access units at 90 kHz.
 *
 * Pictures wait for the first keyframe, and again after the parameters changed in front of them. A track is announced
 * when its parameters really differ, wherever they come from: a sequence header or the keyframe itself. Times are passed
 * on as the publisher sent them; repairing its clock is the session's work. Captions that a publisher sends beside its
 * pictures are put into them here, so that everything behind knows one form.
 */
import type { AccessUnit, MediaTrack } from '../media/access-unit.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { parseAacConfig, sameAacConfig } from '../media/codec/aac.ts'
import type { AacConfig } from '../media/codec/aac.ts'
import { addCaptions, CAPTION_CONSTRUCT_BYTES, MAX_CONSTRUCTS_PER_MESSAGE } from '../media/codec/captions.ts'
import { holdsPicture, isIdr, NAL_LENGTH_BYTES, toLengthPrefixed } from '../media/codec/avc-nal.ts'
import {
  nalLengthSizeOf,
  parseAvcConfig,
  sameAvcConfig,
  withInBandParameterSets,
} from '../media/codec/avc.ts'
import type { AvcConfig } from '../media/codec/avc.ts'
import { CodecError } from '../media/codec/codec-error.ts'
import { readFlvAudio, readFlvVideo } from '../media/flv/flv-tag.ts'
import type { FlvVideo } from '../media/flv/flv-tag.ts'
import { IngestError } from './ingest-error.ts'

/** Where tracks and units go. */
export type FlvDemuxerTarget = {
  readonly onTrack: (track: MediaTrack) => void
  readonly onUnit: (unit: AccessUnit) => void
}

type Picture = Extract<FlvVideo, { kind: 'picture' }>

const TICKS_PER_MS = MEDIA_TIMESCALE / 1000
/** Damaged pictures one after another that a publisher is forgiven: two seconds at 60 a second. */
const MAX_DAMAGED_IN_ROW = 120
/** A picture takes as many captions as one message holds; this many pictures' worth may wait. */
const PICTURE_CAPTIONS_BYTES = MAX_CONSTRUCTS_PER_MESSAGE * CAPTION_CONSTRUCT_BYTES
const MAX_WAITING_CAPTIONS_BYTES = 30 * PICTURE_CAPTIONS_BYTES
const NO_CAPTIONS = new Uint8Array()

/** One publisher's media; `IngestError` out of a method means that it cannot be carried. */
export class FlvDemuxer {
  readonly #target: FlvDemuxerTarget
  readonly #audioOnlyTimeoutMs: number
  /** In force: from the last sequence header or from parameter sets that came after it. */
  #avc: AvcConfig | undefined
  #headerAvc: AvcConfig | undefined
  #aac: AacConfig | undefined
  #nalLengthSize = NAL_LENGTH_BYTES
  #avcProblem: CodecError | undefined
  #waitingForKeyframe = true
  #pictureSeen = false
  #firstAudioMs: number | undefined
  #damagedInRow = 0
  /** Captions that came beside the pictures and wait for one. */
  #captions: Uint8Array = NO_CAPTIONS
  /** Pictures and frames left out so far: damaged, before a keyframe, or before their configuration. */
  droppedUnits = 0
  /** Caption constructs left out so far: too many at once. */
  droppedCaptions = 0

  /** `audioOnlyTimeoutMs`: longest audio, in media time, before the first picture. */
  constructor(target: FlvDemuxerTarget, audioOnlyTimeoutMs: number) {
    this.#target = target
    this.#audioOnlyTimeoutMs = audioOnlyTimeoutMs
  }

  /** Reads a video tag body, which the units keep. */
  video(timestampMs: number, body: Uint8Array): void {
    const tag = readFlvVideo(body)
    switch (tag.kind) {
      case 'picture':
        this.#pictureSeen = true
        this.#picture(timestampMs, tag)
        return
      case 'sequence-header':
        this.#videoHeader(tag.record)
        return
      case 'unsupported':
        throw new IngestError('CODEC_UNSUPPORTED', `video is ${tag.codec}; only H.264 is taken`)
      case 'end-of-sequence':
      case 'ignored':
    }
  }

  /** Takes captions that came beside the pictures: the next ones carry them. */
  captions(constructs: Uint8Array): void {
    const waiting = Buffer.concat([this.#captions, constructs])
    this.#captions = waiting.subarray(0, MAX_WAITING_CAPTIONS_BYTES)
    this.droppedCaptions += (waiting.length - this.#captions.length) / CAPTION_CONSTRUCT_BYTES
  }

  /** Reads an audio tag body, which the units keep. */
  audio(timestampMs: number, body: Uint8Array): void {
    const tag = readFlvAudio(body)
    switch (tag.kind) {
      case 'frame':
        this.#requireVideo(timestampMs)
        this.#frame(timestampMs, tag.payload)
        return
      case 'sequence-header':
        this.#audioHeader(tag.asc)
        return
      case 'unsupported':
        throw new IngestError('CODEC_UNSUPPORTED', `audio is ${tag.codec}; only AAC is taken`)
      case 'ignored':
    }
  }

  #videoHeader(record: Uint8Array): void {
    this.#nalLengthSize = nalLengthSizeOf(record)
    try {
      const avc = parseAvcConfig(record)
      // Encoders repeat their header now and then; what keyframes changed since stays in force.
      if (this.#headerAvc && sameAvcConfig(this.#headerAvc, avc)) return
      this.#headerAvc = avc
      this.#setAvc(avc)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      // Some encoders announce an empty record and put the parameter sets into every keyframe.
      this.#avcProblem = error
    }
  }

  #setAvc(avc: AvcConfig): void {
    if (this.#avc && sameAvcConfig(this.#avc, avc)) return
    this.#avc = avc
    this.#waitingForKeyframe = true
    this.#target.onTrack({ kind: 'video', avc })
  }

  #picture(timestampMs: number, picture: Picture): void {
    const data = this.#lengthPrefixed(picture.payload)
    if (!data) return
    const keyframe = isIdr(data)
    if (keyframe) this.#startAt(data)
    else if (!holdsPicture(data)) {
      this.#takeParameters(data)
      return
    }
    if (this.#waitingForKeyframe) {
      this.droppedUnits++
      return
    }
    const dtsTicks = timestampMs * TICKS_PER_MS
    const ptsTicks = dtsTicks + picture.compositionOffsetMs * TICKS_PER_MS
    this.#target.onUnit({ kind: 'video', dtsTicks, ptsTicks, keyframe, data: this.#withCaptions(data) })
  }

  #withCaptions(data: Uint8Array): Uint8Array {
    if (this.#captions.length === 0) return data
    const constructs = this.#captions.subarray(0, PICTURE_CAPTIONS_BYTES)
    this.#captions = this.#captions.subarray(PICTURE_CAPTIONS_BYTES)
    return addCaptions(data, constructs)
  }

  #lengthPrefixed(payload: Uint8Array): Uint8Array | undefined {
    try {
      const data = toLengthPrefixed(payload, this.#nalLengthSize)
      this.#damagedInRow = 0
      return data
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.droppedUnits++
      if (++this.#damagedInRow <= MAX_DAMAGED_IN_ROW) return undefined
      throw new IngestError('MEDIA_INVALID', `${this.#damagedInRow} damaged pictures in a row`, {
        cause: error,
      })
    }
  }

  #takeParameters(data: Uint8Array): void {
    const avc = withInBandParameterSets(this.#avc, data)
    if (avc && avc !== this.#avc) this.#setAvc(avc)
  }

  #startAt(keyframe: Uint8Array): void {
    this.#takeParameters(keyframe)
    if (!this.#avc) {
      throw new IngestError('MEDIA_INVALID', 'keyframe without H.264 parameter sets', {
        cause: this.#avcProblem,
      })
    }
    this.#waitingForKeyframe = false
  }

  #audioHeader(asc: Uint8Array): void {
    try {
      const aac = parseAacConfig(asc)
      if (this.#aac && sameAacConfig(this.#aac, aac)) return
      this.#aac = aac
      this.#target.onTrack({ kind: 'audio', aac })
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      const code = error.code === 'CODEC_CONFIG_UNSUPPORTED' ? 'CODEC_UNSUPPORTED' : 'MEDIA_INVALID'
      throw new IngestError(code, `AAC configuration refused: ${error.message}`, { cause: error })
    }
  }

  #frame(timestampMs: number, data: Uint8Array): void {
    if (!this.#aac) {
      this.droppedUnits++
      return
    }
    const ticks = timestampMs * TICKS_PER_MS
    this.#target.onUnit({ kind: 'audio', dtsTicks: ticks, ptsTicks: ticks, keyframe: true, data })
  }

  #requireVideo(timestampMs: number): void {
    if (this.#pictureSeen) return
    this.#firstAudioMs ??= timestampMs
    if (timestampMs - this.#firstAudioMs < this.#audioOnlyTimeoutMs) return
    throw new IngestError('VIDEO_MISSING', `${this.#audioOnlyTimeoutMs} ms of audio without a picture`)
  }
}
