/**
 * The ladder of one stream: learns what the source is, plans the rungs, and has those made that the source itself is not.
 *
 * Units are held until the plan is made, which takes some pictures, and passed on from the first keyframe then.
 */
import type { Logger } from '../base/logger.ts'
import type { Channel } from '../domain/channel.ts'
import { keyframePlanFor, planLadder, refitLadder } from '../domain/ladder-policy.ts'
import type { LadderOutput } from '../domain/transcoding.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaSink, type MediaTrack } from '../media/access-unit.ts'
import { encodedTracks } from './encoded-track.ts'
import { FrameRateGauge } from './frame-rate-gauge.ts'
import { LadderSupervisor, type LadderEnvironment, type LadderHealth } from './ladder-supervisor.ts'

/** A stream that needs a ladder. */
export type LadderStream = {
  readonly streamId: string
  readonly channel: Pick<Channel, 'type' | 'preset'>
  readonly output: LadderOutput
  /** Frames a second as the publisher announces them; asked when the first pictures are there. */
  readonly announcedFrameRate: () => number | undefined
  /** Called once, when it cannot be transcoded and there is nothing else to show of it. */
  readonly onFailed: () => void
}

/** What a stream's ladder needs. */
export type StreamLadderOptions = LadderEnvironment & {
  readonly stream: LadderStream
  readonly logger: Logger
  /** Called once, when nothing of it runs any more. */
  readonly onClosed: () => void
}

/** A publisher that has shown no sound until then has none. */
const AUDIO_WAIT_TICKS = MEDIA_TIMESCALE / 2
/** Then the plan is made with what is known. */
const MAX_LEARNING_TICKS = 4 * MEDIA_TIMESCALE
const MAX_HELD_BYTES = 16 * 1024 * 1024
const ASSUMED_FRAME_RATE = 30

/** One stream's ladder; a sink for the source. */
export class StreamLadder implements MediaSink {
  readonly #options: StreamLadderOptions
  readonly #log: Logger
  readonly #tracks = new Map<MediaTrack['kind'], MediaTrack>()
  #gauge = new FrameRateGauge()
  #held: AccessUnit[] = []
  #heldBytes = 0
  #planned = false
  #supervisor: LadderSupervisor | undefined
  #ended = false

  constructor(options: StreamLadderOptions) {
    this.#options = options
    this.#log = options.logger.with({ streamId: options.stream.streamId })
  }

  /** How its transcoder is doing; undefined while nothing is transcoded. */
  get health(): LadderHealth | undefined {
    return this.#supervisor?.health
  }

  readonly onTrack = (track: MediaTrack): void => {
    this.#tracks.set(track.kind, track)
    this.#supervisor?.onTrack(track)
    // Nothing is out yet, so what was held with other parameters can simply go.
    if (track.kind === 'video' || this.#held.some((unit) => unit.kind === 'audio')) this.#dropHeld()
  }

  readonly onUnit = (unit: AccessUnit): void => {
    if (this.#planned) this.#supervisor?.onUnit(unit)
    else if (!this.#ended) this.#learn(unit)
  }

  readonly onEnd = (): void => {
    if (this.#ended) return
    this.#ended = true
    this.#dropHeld()
    if (this.#supervisor) this.#supervisor.end()
    else this.#options.onClosed()
  }

  /** Ends what runs for it without delay. */
  close(): void {
    this.#ended = true
    this.#supervisor?.close()
  }

  #learn(unit: AccessUnit): void {
    const first = this.#held[0]
    if (!first && !(unit.kind === 'video' && unit.keyframe)) return
    this.#held.push(unit)
    this.#heldBytes += unit.data.length
    if (unit.kind === 'video') this.#gauge.count(unit.dtsTicks)
    const heldTicks = unit.dtsTicks - (first ?? unit).dtsTicks
    const frameRate = this.#frameRate(heldTicks)
    const knowsAudio = this.#tracks.has('audio') || heldTicks >= AUDIO_WAIT_TICKS
    if (frameRate !== undefined && knowsAudio) this.#plan(frameRate)
  }

  #frameRate(heldTicks: number): number | undefined {
    const video = this.#tracks.get('video')
    const written = video?.kind === 'video' ? video.avc.frameRate : undefined
    const rate = this.#gauge.rate([written, this.#options.stream.announcedFrameRate()])
    const mustDecide = heldTicks >= MAX_LEARNING_TICKS || this.#heldBytes >= MAX_HELD_BYTES
    return rate ?? (mustDecide ? (this.#gauge.measured ?? ASSUMED_FRAME_RATE) : undefined)
  }

  #plan(frameRate: number): void {
    const video = this.#tracks.get('video')
    if (video?.kind !== 'video') return
    const { stream, onClosed, ...environment } = this.#options
    const { type, preset } = stream.channel
    const { width, height } = video.avc
    const hasAudio = this.#tracks.has('audio')
    const rungs = planLadder({ type, preset, width, height, frameRate, hasAudio })
    const keyframes = keyframePlanFor(type)
    this.#planned = true
    this.#log.info('ladder planned', {
      ...{ width, height, frameRate: Math.round(frameRate * 1000) / 1000 },
      rungs: rungs.map(({ name }) => name),
    })
    stream.output.setLadder(rungs, keyframes)
    if (encodedTracks(rungs).length > 0) {
      const { output, onFailed } = stream
      this.#supervisor = new LadderSupervisor({
        ...environment,
        ...{ logger: this.#log, output, rungs, keyframes, refit: refitLadder, onFailed, onClosed },
      })
    }
    this.#passHeldOn()
  }

  #passHeldOn(): void {
    const held = this.#held
    this.#dropHeld()
    for (const track of this.#tracks.values()) this.#supervisor?.onTrack(track)
    for (const unit of held) this.#supervisor?.onUnit(unit)
  }

  #dropHeld(): void {
    this.#held = []
    this.#heldBytes = 0
    this.#gauge = new FrameRateGauge()
  }
}
