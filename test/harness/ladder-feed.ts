/**
 * A publisher and a transcoder of made-up units: fills every rung of a ladder at the rates that it is planned for.
 */
import { planLadder, keyframePlanFor, type LadderInput } from '../../src/domain/ladder-policy.ts'
import { OWN_KEYFRAME_MS, type Rung } from '../../src/domain/ladder.ts'
import {
  MEDIA_TIMESCALE,
  type AccessUnit,
  type MediaSink,
  type VideoTrack,
} from '../../src/media/access-unit.ts'
import type { StreamPackager } from '../../src/packager/stream-packager.ts'
import { audioFrames, picture, SAMPLE_AUDIO, SAMPLE_VIDEO } from './media/sample-tracks.ts'

/** What is published, and where it goes. */
export type LadderFeedOptions = { readonly input: LadderInput; readonly packager: StreamPackager }

type RungFeed = {
  readonly rung: Rung
  readonly sink: MediaSink
  /** Without output until the next keyframe. */
  isAway: boolean
}

const SOURCE_BPS = 6_000_000
const SOURCE_AUDIO_BPS = 160_000
/** Seconds between the source's keyframes. */
const KEYFRAME_S = 2
const AUDIO_FRAMES_PER_SECOND = 48_000 / 1024

/** Feeds one stream, picture by picture. */
export class LadderFeed {
  readonly #input: LadderInput
  readonly #source: MediaSink
  readonly #rungs: readonly RungFeed[]
  readonly #away = new Set<string>()
  #frames = 0
  #audioFrames = 0

  constructor({ input, packager }: LadderFeedOptions) {
    this.#input = input
    this.#source = packager.source
    this.#source.onTrack(videoTrack(input.width, input.height))
    if (input.hasAudio) this.#source.onTrack(SAMPLE_AUDIO)
    const rungs = planLadder(input)
    packager.setLadder(rungs, keyframePlanFor(input.type))
    this.#rungs = rungs.map((rung) => ({ rung, sink: packager.rungSink(rung.name), isAway: false }))
    for (const { rung, sink } of this.#rungs) {
      if (rung.video?.kind === 'transcode') sink.onTrack(videoTrack(rung.video.width, rung.video.height))
      if (rung.audio.kind === 'transcode') sink.onTrack(SAMPLE_AUDIO)
    }
  }

  /** Frames a second of the source. */
  get frameRate(): number {
    return this.#input.frameRate
  }

  /** The transcoder gives nothing for `rung` until `resume`. */
  stop(rung: string): void {
    this.#away.add(rung)
  }

  /** The transcoder gives `rung` again, from its next keyframe on. */
  resume(rung: string): void {
    this.#away.delete(rung)
  }

  /** The next picture of the source and the sound beside it, on every rung. */
  send(): void {
    const frame = this.#frames++
    const dtsTicks = Math.round((frame * MEDIA_TIMESCALE) / this.frameRate)
    const keyframe = frame % (KEYFRAME_S * this.frameRate) === 0
    const sound = this.#soundUntil((frame + 1) / this.frameRate)
    this.#source.onUnit(picture({ dtsTicks, keyframe }, bytesOf(SOURCE_BPS, this.frameRate)))
    for (const unit of sound) this.#source.onUnit(withBytes(unit, SOURCE_AUDIO_BPS))
    for (const feed of this.#rungs) this.#sendRung(feed, frame, dtsTicks, sound)
  }

  #sendRung(feed: RungFeed, frame: number, dtsTicks: number, sound: readonly AccessUnit[]): void {
    const { video, audio } = feed.rung
    const keyframe = frame % ((OWN_KEYFRAME_MS / 1000) * this.frameRate) === 0
    if (this.#away.has(feed.rung.name)) feed.isAway = true
    else if (keyframe) feed.isAway = false
    if (feed.isAway) return
    if (audio.kind === 'transcode') {
      for (const unit of sound) feed.sink.onUnit(withBytes(unit, audio.bitrateBps))
    }
    if (video?.kind !== 'transcode' || frame % video.keepEvery !== 0) return
    feed.sink.onUnit(picture({ dtsTicks, keyframe }, bytesOf(video.bitrateBps, video.frameRate)))
  }

  #soundUntil(seconds: number): AccessUnit[] {
    if (!this.#input.hasAudio) return []
    const count = Math.floor(seconds * AUDIO_FRAMES_PER_SECOND) - this.#audioFrames
    const frames = audioFrames(SAMPLE_AUDIO, count, { firstSample: this.#audioFrames * 1024 })
    this.#audioFrames += count
    return frames
  }
}

function bytesOf(bitrateBps: number, frameRate: number): number {
  return Math.round(bitrateBps / 8 / frameRate)
}

function withBytes(unit: AccessUnit, bitrateBps: number): AccessUnit {
  return { ...unit, data: Buffer.alloc(bytesOf(bitrateBps, AUDIO_FRAMES_PER_SECOND), 0x21) }
}

/** A track of that size; its parameter sets differ from those of other sizes in length alone. */
function videoTrack(width: number, height: number): VideoTrack {
  const { avc } = SAMPLE_VIDEO
  const record = Buffer.concat([avc.record, Buffer.alloc(4)])
  record.writeUInt16BE(width, avc.record.length)
  record.writeUInt16BE(height, avc.record.length + 2)
  return { kind: 'video', avc: { ...avc, record, width, height } }
}
