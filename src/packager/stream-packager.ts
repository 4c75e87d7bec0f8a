/**
 * Packages one stream: the source's units make the plan, and every rung of the ladder follows it.
 *
 * The stream can be played once every rung has a whole segment, or a little after the first one has: a rung that comes
 * later joins for later viewers. A rung that viewers see only on request and that is passed through costs nothing until
 * a viewer is told of it; its window then begins with the next segment.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Channel } from '../domain/channel.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { KeyframePlan, Rung } from '../domain/ladder.ts'
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import type { LadderOutput } from '../domain/transcoding.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaSink, type MediaTrack } from '../media/access-unit.ts'
import type { MetadataSink, TimedMetadata } from '../media/timed-metadata.ts'
import type { Cadence } from './cadence.ts'
import type { Cut } from './cut-plan.ts'
import { CutPlanner, MAX_SEGMENT_BYTES, type CutSettings } from './cut-planner.ts'
import { AudioMeter, nominalBitrateBps } from './expected-bitrate.ts'
import { LiveWindow } from './live-window.ts'
import { RenditionPackager } from './rendition-packager.ts'
import { RungRoutes, type RungInputs } from './rung-routes.ts'
import { UnitSource } from './unit-source.ts'
import { WallClockAnchor } from './wall-clock-anchor.ts'

/** How all streams are packaged. */
export type StreamPackagerSettings = CutSettings & {
  /** Play time that a playlist lists, in seconds. */
  readonly windowSeconds: number
  /** Most bytes one rendition holds. */
  readonly maxWindowBytes: number
}

/** What a stream's packager needs. */
export type StreamPackagerOptions = StreamPackagerSettings & {
  readonly streamId: string
  readonly channel: Channel
  readonly clock: Clock
  readonly logger: Logger
  readonly drops: DropCounts
  /** Called once, when the stream can be played. */
  readonly onPlayable: () => void
  /** Called once, when the source has ended. */
  readonly onEnded: () => void
}

/** Rungs that are not ready this long after the first one are not waited for. */
const MAX_RUNG_WAIT_MS = 2000
/** What a transcoder may still bring this long after the source's end is taken in. */
const MAX_TAIL_WAIT_MS = 2000

/** Pieces of timed metadata from before the ladder is known. */
const MAX_HELD_METADATA = 100

type HeldUnit = { readonly unit: AccessUnit; readonly arrivalMs: number }

/** A rung and what becomes of it; without a packager it waits for a viewer. */
type PackagedRung = {
  readonly rung: Rung
  readonly routes: RungRoutes
  readonly window: LiveWindow
  packager: RenditionPackager | undefined
}

/** The packager of one stream. */
export class StreamPackager implements LadderOutput {
  /** What viewers can fetch of the stream. */
  readonly media: LiveMedia
  /** Where the publisher's units and the stream's timed metadata go. */
  readonly source: MediaSink & MetadataSink
  readonly #options: StreamPackagerOptions
  readonly #anchor = new WallClockAnchor()
  readonly #publisher = new UnitSource({ keepEvery: 1, isPublisher: true })
  readonly #audioMeter = new AudioMeter()
  readonly #transcoded = new Map<string, UnitSource>()
  readonly #redirects = new Map<string, string>()
  #rungs: readonly PackagedRung[] = []
  #planner: CutPlanner | undefined
  #cadence: Cadence | undefined
  /** Units of the source from before the ladder was known. */
  #held: HeldUnit[] = []
  #heldBytes = 0
  #heldMetadata: TimedMetadata[] = []
  #startTicks: number | undefined
  #startTimeMs = 0
  #state: 'starting' | 'playable' | 'ended' = 'starting'
  #waitTimer: Timer | undefined

  constructor(options: StreamPackagerOptions) {
    this.#options = options
    this.media = this.#createMedia()
    this.source = {
      onTrack: (track) => this.#onSourceTrack(track),
      onUnit: (unit) => this.#onSourceUnit(unit, options.clock.nowMs()),
      onMetadata: (piece) => this.#onMetadata(piece),
      onEnd: () => this.#onSourceEnd(),
    }
  }

  /** A rung's window, whether viewers see it yet or not. */
  rendition(name: string): LiveRendition | undefined {
    return this.#rung(name)?.window
  }

  readonly setLadder = (rungs: readonly Rung[], keyframes: KeyframePlan): void => {
    if (this.#planner || this.#state === 'ended') return
    this.#planner = this.#createPlanner(rungs, keyframes)
    this.#rungs = rungs.map((rung) => this.#createRung(rung))
    for (const rung of this.#rungs) if (rung.window.listing === 'always') this.#startRung(rung)
    this.#describeWaiting()
    const held = this.#held
    this.#dropHeld()
    for (const piece of this.#heldMetadata.splice(0)) this.#onMetadata(piece)
    for (const { unit, arrivalMs } of held) this.#plan(this.#planner, unit, arrivalMs)
  }

  readonly rungSink = (name: string): MediaSink => {
    const source = this.#transcodedSource(name)
    source.ended = false
    return {
      onTrack: (track) => void source.setTrack(track),
      onUnit: (unit) => this.#distribute(unit, source),
      onEnd: () => {
        source.ended = true
        if (this.#state === 'ended') this.#finishRungs((rung) => rung.routes.ended)
      },
    }
  }

  readonly discontinue = (): void => {
    this.#planner?.discontinue()
  }

  readonly redirect = (name: string, to: string): void => {
    this.#redirects.set(name, to)
    if (name !== to) this.#rung(name)?.window.setListed(false)
    this.#planner?.discontinue()
  }

  /** A plain object, so that copies of it are whole; what changes is looked up when it is asked for. */
  #createMedia(): LiveMedia {
    const { streamId, channel } = this.#options
    const rungs = (): readonly PackagedRung[] => this.#rungs
    const startTimeMs = (): number => this.#startTimeMs
    return {
      streamId,
      channel,
      latencyMode: channel.latencyMode,
      get startTimeMs() {
        return startTimeMs()
      },
      get transcoded() {
        return rungs().some(({ rung }) => rung.video?.kind === 'transcode')
      },
      get renditions() {
        return rungs().flatMap(({ window }) => (isOffered(window) ? [window] : []))
      },
    }
  }

  #onSourceTrack(track: MediaTrack): void {
    if (!this.#publisher.setTrack(track)) return
    this.#describeWaiting()
    if (this.#planner) this.#planner.onTrack(track.kind)
    else if (this.#held.some(({ unit }) => unit.kind === track.kind)) this.#dropHeld()
  }

  /** What waits for a viewer is described by the source's sound, so that viewers can be told of it. */
  #describeWaiting(): void {
    const codecs = this.#publisher.audio && [this.#publisher.audio.aac.codecString]
    if (!codecs) return
    for (const { window, packager } of this.#rungs) {
      if (!packager) window.describe({ codecs, width: undefined, height: undefined, frameRate: undefined })
    }
  }

  #onSourceUnit(unit: AccessUnit, arrivalMs: number): void {
    if (this.#state === 'ended') return
    this.#audioMeter.count(unit)
    if (this.#planner) this.#plan(this.#planner, unit, arrivalMs)
    else this.#hold(unit, arrivalMs)
  }

  #onMetadata(piece: TimedMetadata): void {
    if (this.#state === 'ended') return
    if (this.#planner) for (const { packager } of this.#rungs) packager?.pushMetadata(piece)
    else this.#heldMetadata = [...this.#heldMetadata, piece].slice(-MAX_HELD_METADATA)
  }

  #onSourceEnd(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#waitTimer?.cancel()
    this.#dropHeld()
    this.#publisher.ended = true
    this.#planner?.onEnd()
    this.#finishRungs((rung) => rung.routes.ended)
    if (this.#rungs.some(({ window }) => !window.ended())) {
      this.#options.clock.after(MAX_TAIL_WAIT_MS, () => this.#finishRungs(() => true))
    }
    this.#options.onEnded()
  }

  #finishRungs(isOver: (rung: PackagedRung) => boolean): void {
    for (const rung of this.#rungs) {
      if (!isOver(rung)) continue
      if (rung.packager) rung.packager.finish()
      else rung.window.end()
    }
  }

  #hold(unit: AccessUnit, arrivalMs: number): void {
    if (this.#heldBytes > MAX_SEGMENT_BYTES) this.#dropHeld()
    this.#held.push({ unit, arrivalMs })
    this.#heldBytes += unit.data.length
  }

  #dropHeld(): void {
    this.#held = []
    this.#heldBytes = 0
  }

  #plan(planner: CutPlanner, unit: AccessUnit, arrivalMs: number): void {
    planner.onUnit(unit, arrivalMs)
    if (!planner.hasBegun && this.#startTicks !== planner.startTicks) {
      this.#startTicks = planner.startTicks
      const fromTicks = planner.startTicks ?? Infinity
      for (const { packager } of this.#rungs) packager?.forgetBefore(fromTicks)
    }
    // What comes while a keyframe is waited for will be in no segment.
    if (planner.startTicks !== undefined) this.#distribute(unit, this.#publisher)
  }

  #distribute(unit: AccessUnit, source: UnitSource): void {
    const sourced = source.sourced(unit)
    if (!sourced) return
    for (const { packager, routes } of this.#rungs) {
      if (packager && routes.takes(unit, source)) packager.push(sourced)
    }
  }

  #createPlanner(rungs: readonly Rung[], keyframes: KeyframePlan): CutPlanner {
    const { segmentMs, partMs, logger, streamId } = this.#options
    return new CutPlanner({
      segmentMs,
      partMs,
      keyframes,
      frameStep: rungs.reduce((step, { video }) => leastMultiple(step, keepEveryOf(video)), 1),
      anchor: this.#anchor,
      logger: logger.with({ streamId }),
      onCadence: (cadence) => {
        this.#cadence = cadence
        for (const { window, packager } of this.#rungs) {
          window.settle(cadence)
          packager?.settle(cadence)
        }
      },
      onCut: (cut) => this.#onCut(cut),
    })
  }

  #onCut(cut: Cut): void {
    if (cut.kind === 'segment' && (cut.discontinuity || cut.msn === 0)) this.#applyRedirects(cut.startTicks)
    for (const { packager } of this.#rungs) packager?.onCut(cut)
  }

  #applyRedirects(startTicks: number): void {
    for (const [name, to] of this.#redirects) {
      const target = this.#rung(to)
      const rung = this.#rung(name)
      if (!rung || !target) continue
      rung.window.setListed(rung === target)
      rung.routes.redirect(startTicks, target.routes.own)
      rung.packager?.forgetFrom(startTicks)
    }
    this.#redirects.clear()
  }

  #createRung(rung: Rung): PackagedRung {
    const { channel, windowSeconds, maxWindowBytes } = this.#options
    const created: PackagedRung = {
      rung,
      routes: new RungRoutes(this.#inputsOf(rung)),
      window: new LiveWindow({
        name: rung.name,
        displayName: rung.video?.kind === 'passthrough' ? undefined : rung.displayName,
        hasVideo: rung.video !== undefined,
        listing: rung.video || rung.audio.kind === 'transcode' ? 'always' : 'on-request',
        container: channel.containerFormat,
        windowTicks: windowSeconds * MEDIA_TIMESCALE,
        maxBytes: maxWindowBytes,
        expectedBitrateBps: () => nominalBitrateBps(rung, channel.containerFormat, this.#audioMeter.peakBps),
        onWanted: () => this.#startRung(created),
      }),
      packager: undefined,
    }
    return created
  }

  #startRung(started: PackagedRung): void {
    if (started.packager || this.#state === 'ended') return
    const { channel, logger, streamId } = this.#options
    started.packager = new RenditionPackager({
      window: started.window,
      container: channel.containerFormat,
      logger: logger.with({ streamId }),
      drops: this.#options.drops,
      audioTrack: () => started.routes.audioTrack,
      expectsAudio: () => this.#publisher.audio !== undefined,
      onUnplannedChange: this.discontinue,
      onPlayable: () => this.#onRungPlayable(),
    })
    if (this.#cadence) started.packager.settle(this.#cadence)
  }

  #inputsOf({ name, video, audio }: Rung): RungInputs {
    const own = this.#publisher
    return {
      video: video && (video.kind === 'transcode' ? this.#transcodedSource(name, video.keepEvery) : own),
      audio: audio.kind === 'transcode' ? this.#transcodedSource(name, keepEveryOf(video)) : own,
    }
  }

  #transcodedSource(name: string, keepEvery = 1): UnitSource {
    let source = this.#transcoded.get(name)
    if (!source) {
      source = new UnitSource({ keepEvery, isPublisher: false })
      this.#transcoded.set(name, source)
    }
    return source
  }

  #rung(name: string): PackagedRung | undefined {
    return this.#rungs.find(({ rung }) => rung.name === name)
  }

  #onRungPlayable(): void {
    if (this.#state !== 'starting') return
    const isComplete = this.#rungs.every(({ window }) => window.isPublished || window.listing !== 'always')
    if (isComplete) this.#publish()
    else this.#waitTimer ??= this.#options.clock.after(MAX_RUNG_WAIT_MS, () => this.#publish())
  }

  #publish(): void {
    if (this.#state !== 'starting') return
    this.#waitTimer?.cancel()
    this.#state = 'playable'
    this.#startTimeMs = this.#options.clock.nowMs()
    this.#options.onPlayable()
  }
}

/** Whether viewers can fetch the rendition, or can once they are told of it. */
function isOffered(window: LiveWindow): boolean {
  return window.isPublished || window.listing === 'on-request'
}

function keepEveryOf(video: Rung['video']): number {
  return video?.kind === 'transcode' ? video.keepEvery : 1
}

function leastMultiple(a: number, b: number): number {
  let multiple = a
  while (multiple % b !== 0) multiple += a
  return multiple
}
