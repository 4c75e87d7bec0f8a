/**
 * Keeps the ladder of one stream going: starts a child, and another one when it dies, hangs, falls behind or no longer
 * fits the source. The source's own rendition knows nothing of it.
 *
 * No picture is lost by that. The source is remembered from the last keyframe that begins before anything is missing
 * (`source-memory.ts`); a new child is fed from there and gives each track from the first picture on that was not
 * delivered, which is a keyframe then, with the parameters of the child before. Where that does not work, because the
 * memory is too short or the same input killed two children, the ladder goes on at a later keyframe and what is between
 * is missing.
 *
 * When the source changes its picture size or its sound, the child gets to put out what it holds while its successor
 * starts with the new parameters.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { KeyframePlan, Rung } from '../domain/ladder.ts'
import type { LadderOutput } from '../domain/transcoding.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'
import { sameAacConfig } from '../media/codec/aac.ts'
import { PictureOrder } from '../media/picture-order.ts'
import { encodedTracks, sheddableRung, trackName, withoutRung, type EncodedTrack } from './encoded-track.ts'
import { GridCount } from './grid-count.ts'
import { ladderArguments } from './ladder-arguments.ts'
import type { ProcessEnd, StartProcess } from './ladder-process.ts'
import { LadderRun } from './ladder-run.ts'
import { LagMeter } from './lag-meter.ts'
import { RestartPolicy } from './restart-policy.ts'
import { SourceCaptions } from './source-captions.ts'
import { SourceMemory } from './source-memory.ts'
import { AUDIO_WARM_UP_MS, TrackDelivery } from './track-delivery.ts'
import type { EncoderChoice } from './video-encoders.ts'

/** What every ladder of a server shares. */
export type LadderEnvironment = {
  readonly start: StartProcess
  readonly encoder: EncoderChoice
  readonly clock: Clock
}

/** What one ladder needs. */
export type LadderSupervisorOptions = LadderEnvironment & {
  readonly logger: Logger
  readonly output: LadderOutput
  readonly rungs: readonly Rung[]
  readonly keyframes: KeyframePlan
  /** The same rungs for a source of another size. */
  readonly refit: (rungs: readonly Rung[], size: { width: number; height: number }) => readonly Rung[]
  /** Called once, when the last child is gone and everything is delivered. */
  readonly onClosed: () => void
}

/** How a ladder is doing. */
export type LadderHealth = {
  readonly state: 'ok' | 'behind'
  /** How far each track is behind the source, in milliseconds of media. */
  readonly lagsMs: Readonly<Record<string, number>>
  /** Children that died or were ended because they hung. */
  readonly deaths: number
  /** Rungs that show another one because the machine is too slow. */
  readonly shedRungs: readonly string[]
}

/** What a new child may have to be fed again. */
const MEMORY = { maxMs: 12_000, maxBytes: 32 * 1024 * 1024 }
/** Source that waits for a child; more is not fed. */
const MAX_BACKLOG_BYTES = 24 * 1024 * 1024
/** A ladder this far behind goes on at the newest keyframe. */
const MAX_LAG_MS = 8000
/** The packager waits three seconds for a rung that is late. */
const LAG_LIMITS = [
  { windowMs: 10_000, maxLagMs: 1500 },
  { windowMs: 4000, maxLagMs: 2500 },
]
const CAUGHT_UP_LAG_MS = 1000
const CHECK_INTERVAL_MS = 250
/** A check that comes later than this tells of this process, not of the child. */
const MAX_CHECK_DELAY_MS = 750
/** A child may take this long to put out its last pictures. */
const DRAIN_MS = 1000
/** Signals by which machines and operators end a process. */
const OUTSIDE_SIGNALS: ReadonlySet<string | null> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'])

const AUDIO_WARM_UP_TICKS = (AUDIO_WARM_UP_MS * MEDIA_TIMESCALE) / 1000

type EndCause = 'died' | 'hung' | 'behind'

/** One ladder. */
export class LadderSupervisor {
  readonly #options: LadderSupervisorOptions
  readonly #memory = new SourceMemory(MEMORY)
  readonly #pictures = new PictureOrder()
  readonly #captions = new SourceCaptions()
  readonly #grid = new GridCount()
  readonly #restarts = new RestartPolicy()
  readonly #deliveries = new Map<string, TrackDelivery>()
  #rungs: readonly Rung[]
  #tracks: readonly EncodedTrack[]
  #run: LadderRun | undefined
  /** The run before, while it puts out its last pictures. */
  #draining: { readonly run: LadderRun; readonly limit: Timer } | undefined
  /** Why the run is being ended by us. */
  #killCause: EndCause | undefined
  #retry: Timer | undefined
  #check: Timer
  #checkedMs: number
  #lag: LagMeter | undefined
  #wasBehind = false
  /** The source changed: the next keyframe is for a new child. */
  #changed = false
  #progressed = false
  #sourceEnded = false
  #closed = false
  #deaths = 0
  #shed: string[] = []
  #newestDtsTicks = 0

  constructor(options: LadderSupervisorOptions) {
    this.#options = options
    this.#rungs = options.rungs
    this.#tracks = encodedTracks(options.rungs)
    this.#createDeliveries()
    this.#checkedMs = options.clock.monotonicMs()
    this.#check = options.clock.after(CHECK_INTERVAL_MS, () => {
      this.#look()
    })
  }

  /** How the ladder is doing now. */
  get health(): LadderHealth {
    return {
      state: this.#wasBehind ? 'behind' : 'ok',
      lagsMs: Object.fromEntries(this.#run?.lagsMs() ?? []),
      deaths: this.#deaths,
      shedRungs: this.#shed,
    }
  }

  /** A track of the source appeared or changed. */
  onTrack(track: MediaTrack): void {
    const before = this.#memory.tracks
    this.#memory.setTrack(track, this.#newestDtsTicks)
    const concerns = this.#memory.firstPicture && this.#tracks.some(({ kind }) => kind === track.kind)
    if (!concerns) return
    if (needsNewChild(before, track)) this.#changed = true
    // A child whose successor starts with the next picture needs no new pictures of its own.
    if (!(this.#changed && track.kind === 'video')) {
      this.#run?.feed({ kind: 'track', track, dtsTicks: this.#newestDtsTicks })
    }
  }

  /** The source's next unit. */
  onUnit(unit: AccessUnit): void {
    if (this.#sourceEnded) return
    this.#newestDtsTicks = unit.dtsTicks
    const succeeds = this.#changed && unit.kind === 'video' && unit.keyframe
    if (succeeds) this.#endEra()
    this.#memory.push(unit)
    if (unit.kind === 'video' && this.#memory.firstPicture) {
      this.#pictures.feed(unit)
      this.#captions.feed(unit)
      this.#grid.feed(unit)
    }
    if (this.#run) this.#run.feed({ kind: 'unit', unit })
    else if (!this.#retry) this.#start()
  }

  /** The source ended: what the child still holds is delivered, for a limited time. */
  end(): void {
    if (this.#sourceEnded) return
    this.#sourceEnded = true
    this.#retry?.cancel()
    this.#check.cancel()
    const { run } = this.#leaveRun()
    if (!run) this.#closeIfDone()
  }

  /** Ends the children without delay and delivers nothing more. */
  close(): void {
    if (this.#closed) return
    this.#sourceEnded = true
    this.#closed = true
    this.#retry?.cancel()
    this.#check.cancel()
    this.#run?.kill()
    this.#draining?.limit.cancel()
    this.#draining?.run.kill()
    this.#endDeliveries()
  }

  /** Starts a child on what is remembered; without a keyframe to begin with, the next one brings it. */
  #start(): void {
    const { firstPicture, firstTracks } = this.#memory
    if (!firstPicture || this.#tracks.length === 0) return
    const { start, encoder, clock, keyframes } = this.#options
    const deliveries = this.#tracks.map((track) => this.#delivery(track))
    const run: LadderRun = new LadderRun({
      start,
      args: ladderArguments({
        outputs: this.#tracks.map((track) => ({ track, resume: this.#delivery(track).resume })),
        keyframes,
        encoder,
        firstPicture: {
          ptsMs: Math.round((firstPicture.ptsTicks * 1000) / MEDIA_TIMESCALE),
          indexInCell: this.#grid.indexInCell(firstPicture.ptsTicks),
        },
      }),
      deliveries,
      tracks: firstTracks,
      firstTicks: firstPicture.dtsTicks,
      held: this.#draining !== undefined,
      nowMs: clock.monotonicMs,
      onDelivered: () => {
        this.#onDelivered()
      },
      onEnd: (end) => {
        this.#onRunEnd(run, end)
      },
    })
    this.#run = run
    this.#lag = new LagMeter(LAG_LIMITS, clock.monotonicMs())
    for (const item of this.#memory.items()) run.feed(item)
  }

  #onDelivered(): void {
    this.#progressed = true
    const audioTicks = this.#deliveredTicks('audio')
    this.#memory.forget({
      videoTicks: this.#deliveredTicks('video'),
      audioTicks: audioTicks === undefined ? undefined : audioTicks - AUDIO_WARM_UP_TICKS,
    })
  }

  /** Up to where all tracks of a kind are delivered; undefined when there is none. */
  #deliveredTicks(kind: 'video' | 'audio'): number | undefined {
    const times = this.#tracks
      .filter((track) => track.kind === kind)
      .map((track) => this.#delivery(track).newestTicks ?? -Infinity)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #onRunEnd(run: LadderRun, end: ProcessEnd): void {
    if (this.#draining?.run === run) {
      this.#draining.limit.cancel()
      this.#draining = undefined
      this.#run?.release()
      this.#closeIfDone()
      return
    }
    if (this.#run !== run) return
    this.#run = undefined
    if (this.#sourceEnded) {
      this.#closeIfDone()
      return
    }
    this.#restart(run, end)
  }

  #restart(run: LadderRun, end: ProcessEnd): void {
    const cause = this.#killCause ?? 'died'
    this.#killCause = undefined
    if (cause === 'behind') {
      this.#start()
      return
    }
    this.#deaths++
    const { clock, logger } = this.#options
    const livedMs = Math.round(clock.monotonicMs() - run.startedMs)
    const { afterMs, skipInput } = this.#restarts.judge({
      livedMs,
      progressed: this.#progressed,
      killedFromOutside: cause === 'died' && OUTSIDE_SIGNALS.has(end.signal),
    })
    this.#progressed = false
    const { exitCode, signal, lastWords } = end
    logger.warn('transcoder ended and is started again', {
      ...{ cause, exitCode, signal, livedMs, afterMs, skipInput, lastWords },
    })
    if (skipInput) this.#memory.skipFirst()
    if (afterMs === 0) {
      this.#start()
      return
    }
    this.#retry = clock.after(afterMs, () => {
      this.#retry = undefined
      this.#start()
    })
  }

  /** The child gets to its end by itself, and what follows is for another one. */
  #endEra(): void {
    this.#changed = false
    this.#retry?.cancel()
    this.#retry = undefined
    this.#memory.clear()
    const video = this.#memory.tracks.video
    if (video) {
      // From the rungs as planned: a source that shrank may grow again.
      const rungs = this.#options.rungs.filter(({ name }) => !this.#shed.includes(name))
      this.#fit(this.#options.refit(rungs, video.avc))
    }
    this.#leaveRun()
  }

  #leaveRun(): { readonly run: LadderRun | undefined } {
    const run = this.#run
    this.#run = undefined
    this.#killCause = undefined
    if (!run) return { run }
    // Two changes within a second: the older tail has had its time.
    this.#draining?.limit.cancel()
    this.#draining?.run.kill()
    run.release()
    run.finish()
    const limit = this.#options.clock.after(DRAIN_MS, () => {
      run.kill()
    })
    this.#draining = { run, limit }
    return { run }
  }

  #fit(rungs: readonly Rung[]): void {
    this.#rungs = rungs
    this.#tracks = encodedTracks(rungs)
  }

  #closeIfDone(): void {
    if (!this.#sourceEnded || this.#closed || this.#run || this.#draining) return
    this.#closed = true
    this.#endDeliveries()
  }

  #endDeliveries(): void {
    for (const delivery of this.#deliveries.values()) delivery.end()
    this.#options.onClosed()
  }

  /** Looks for a child that hangs or falls behind. */
  #look(): void {
    const { clock } = this.#options
    const nowMs = clock.monotonicMs()
    const isLate = nowMs - this.#checkedMs > CHECK_INTERVAL_MS + MAX_CHECK_DELAY_MS
    this.#checkedMs = nowMs
    this.#check = clock.after(CHECK_INTERVAL_MS, () => {
      this.#look()
    })
    const run = this.#run
    if (!run || this.#killCause || isLate) return
    const hanging = run.hangingTrack(nowMs)
    if (hanging !== undefined) this.#killRun(run, 'hung')
    else this.#judgeLag(run, nowMs)
  }

  #judgeLag(run: LadderRun, nowMs: number): void {
    const lag = this.#lag
    if (!lag) return
    const lagMs = Math.max(0, ...run.lagsMs().values())
    lag.sample(nowMs, lagMs)
    const isBehind = lag.isBehind(nowMs)
    if (isBehind !== this.#wasBehind && (isBehind || lagMs < CAUGHT_UP_LAG_MS)) {
      this.#wasBehind = isBehind
      const sentence = isBehind ? 'ladder falls behind the source' : 'ladder has caught up with the source'
      this.#options.logger[isBehind ? 'warn' : 'info'](sentence, { lagMs: Math.round(lagMs) })
    }
    if (isBehind && this.#shedBest()) this.#killRun(run, 'behind')
    else if (lagMs > MAX_LAG_MS || run.backlogBytes > MAX_BACKLOG_BYTES) this.#skipAhead(run, lagMs)
  }

  /** Takes the most expensive rung off the child; false when the last one is left. */
  #shedBest(): boolean {
    const choice = sheddableRung(this.#rungs)
    if (!choice) return false
    this.#options.logger.warn('rung is given up, the machine is too slow for it', choice)
    this.#fit(withoutRung(this.#rungs, choice.shed))
    // Rungs that showed the one that goes now follow it.
    for (const name of [...this.#shed, choice.shed]) this.#options.output.redirect(name, choice.instead)
    this.#shed = [...this.#shed, choice.shed]
    return true
  }

  #skipAhead(run: LadderRun, lagMs: number): void {
    this.#options.logger.warn('ladder skips to the newest keyframe', { lagMs: Math.round(lagMs) })
    this.#memory.skipToNewest()
    this.#killRun(run, 'behind')
  }

  #killRun(run: LadderRun, cause: EndCause): void {
    this.#killCause = cause
    run.kill()
  }

  #createDeliveries(): void {
    const { output } = this.#options
    for (const track of this.#tracks) {
      const names = track.kind === 'video' ? [track.rung] : track.rungs
      const sinks = names.map((name) => output.rungSink(name))
      const sources = { pictures: this.#pictures, captions: this.#captions }
      this.#deliveries.set(trackName(track), new TrackDelivery({ track, sinks, ...sources }))
    }
  }

  #delivery(track: EncodedTrack): TrackDelivery {
    const delivery = this.#deliveries.get(trackName(track))
    if (!delivery) throw new Error(`no delivery is named ${trackName(track)}`)
    return delivery
  }
}

/** Whether a child that was made for `before` cannot go on with `track`. */
function needsNewChild(before: SourceMemory['tracks'], track: MediaTrack): boolean {
  if (track.kind === 'audio') return !before.audio || !sameAacConfig(before.audio.aac, track.aac)
  return before.video?.avc.width !== track.avc.width || before.video.avc.height !== track.avc.height
}
