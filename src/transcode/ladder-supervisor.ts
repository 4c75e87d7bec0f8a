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
 * starts with the new parameters. A rung that was given up comes back in the same way.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { KeyframePlan, Rung } from '../domain/ladder.ts'
import type { LadderOutput } from '../domain/transcoding.ts'
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'
import { encodedTracks, sheddableRung, withoutRung, type EncodedTrack } from './encoded-track.ts'
import { ladderArguments, type LadderPlan, type ResumePoint } from './ladder-arguments.ts'
import { LadderDeliveries } from './ladder-deliveries.ts'
import type { ProcessEnd, StartProcess } from './ladder-process.ts'
import { LadderRun } from './ladder-run.ts'
import { LadderSource } from './ladder-source.ts'
import { RestartPolicy } from './restart-policy.ts'
import { RestorePolicy } from './restore-policy.ts'
import { RunWatch } from './run-watch.ts'
import { AUDIO_WARM_UP_MS } from './track-delivery.ts'
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
  /** Called when nothing can be shown of the stream, however often it is tried: the source is to end. */
  readonly onFailed: () => void
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

/** A child may take this long to put out its last pictures. */
const DRAIN_MS = 1000
/** After so many deaths in a row without a picture, which takes eight seconds, a ladder that shows nothing else has failed. */
const MAX_DEATHS_IN_VAIN = 6
/** Signals by which machines and operators end a process. */
const OUTSIDE_SIGNALS: ReadonlySet<string | null> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'])
const AUDIO_WARM_UP_TICKS = (AUDIO_WARM_UP_MS * MEDIA_TIMESCALE) / 1000

/** Why we end a child. */
type KillCause = 'hung' | 'behind'

/** One ladder. */
export class LadderSupervisor {
  readonly #options: LadderSupervisorOptions
  readonly #source = new LadderSource()
  readonly #restarts = new RestartPolicy()
  readonly #restores = new RestorePolicy()
  readonly #deliveries: LadderDeliveries
  readonly #watch: RunWatch
  #rungs: readonly Rung[]
  #tracks: readonly EncodedTrack[]
  #run: LadderRun | undefined
  /** The run before, while it puts out its last pictures. */
  #draining: { readonly run: LadderRun; readonly limit: Timer } | undefined
  #killCause: KillCause | undefined
  #retry: Timer | undefined
  /** The source or the rungs changed: the next keyframe is for a new child. */
  #changed = false
  /** Whether anything was delivered since the last death. */
  #progressed = false
  #sourceEnded = false
  #closed = false
  #deaths = 0
  #deathsInVain = 0
  /** Best first, which is the order in which they were given up. */
  #shed: readonly string[] = []
  /** Whether the last of them comes back with the next keyframe. */
  #restoring = false

  constructor(options: LadderSupervisorOptions) {
    this.#options = options
    this.#rungs = options.rungs
    this.#tracks = encodedTracks(options.rungs)
    const { pictures, captions } = this.#source
    this.#deliveries = new LadderDeliveries(this.#tracks, { output: options.output, pictures, captions })
    this.#watch = new RunWatch({
      clock: options.clock,
      logger: options.logger,
      onHung: () => {
        this.#kill('hung')
      },
      onBehind: () => {
        this.#shedBest()
      },
      onLost: (lagMs) => {
        this.#skipAhead(lagMs)
      },
      onKeepsUp: (lagMs) => {
        this.#restoreWhenCalm(lagMs)
      },
    })
  }

  /** How the ladder is doing now. */
  get health(): LadderHealth {
    return {
      state: this.#watch.isBehind ? 'behind' : 'ok',
      lagsMs: Object.fromEntries(this.#run?.lagsMs() ?? []),
      deaths: this.#deaths,
      shedRungs: this.#shed,
    }
  }

  /** A track of the source appeared or changed. */
  onTrack(track: MediaTrack): void {
    const isTooMuch = this.#source.setTrack(track)
    const concerns = this.#source.firstPicture && this.#tracks.some(({ kind }) => kind === track.kind)
    if (!concerns) return
    if (isTooMuch) this.#changed = true
    // A child whose successor starts with the next picture needs no new pictures of its own.
    if (this.#changed && track.kind === 'video') return
    this.#run?.feed({ kind: 'track', track, dtsTicks: this.#source.newestDtsTicks })
  }

  /** The source's next unit. */
  onUnit(unit: AccessUnit): void {
    if (this.#sourceEnded) return
    if (this.#changed && unit.kind === 'video' && unit.keyframe) this.#endEra()
    this.#source.push(unit)
    if (this.#run) this.#run.feed({ kind: 'unit', unit })
    else if (!this.#retry) this.#start()
  }

  /** The source ended: what the child still holds is delivered, for a limited time. */
  end(): void {
    if (this.#sourceEnded) return
    this.#sourceEnded = true
    this.#retry?.cancel()
    this.#watch.stop()
    this.#drain()
    this.#closeIfDone()
  }

  /** Ends the children without delay and delivers nothing more. */
  close(): void {
    if (this.#closed) return
    this.#sourceEnded = true
    this.#retry?.cancel()
    this.#watch.stop()
    this.#run?.kill()
    this.#draining?.limit.cancel()
    this.#draining?.run.kill()
    this.#close()
  }

  /** Starts a child on what is remembered; without a keyframe to begin with, the next one brings it. */
  #start(): void {
    const { memory, firstPicture } = this.#source
    if (!memory.firstPicture || !firstPicture || this.#tracks.length === 0) return
    const { start, clock } = this.#options
    const run: LadderRun = new LadderRun({
      start,
      args: ladderArguments(this.#plan(firstPicture)),
      deliveries: this.#tracks.map((track) => this.#deliveries.of(track)),
      tracks: memory.firstTracks,
      firstTicks: memory.firstPicture.dtsTicks,
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
    this.#watch.follow(run)
    for (const item of memory.items()) run.feed(item)
  }

  #plan(firstPicture: LadderPlan['firstPicture']): LadderPlan {
    const { encoder, keyframes } = this.#options
    const resumeOf = (track: EncodedTrack): ResumePoint | undefined => {
      const { resume } = this.#deliveries.of(track)
      return resume && resume.fromMs > firstPicture.ptsMs ? resume : undefined
    }
    const outputs = this.#tracks.map((track) => ({ track, resume: resumeOf(track) }))
    return { outputs, keyframes, encoder, firstPicture }
  }

  #onDelivered(): void {
    this.#progressed = true
    const audioTicks = this.#deliveries.deliveredTicks(this.#tracks, 'audio')
    this.#source.memory.forget({
      videoTicks: this.#deliveries.deliveredTicks(this.#tracks, 'video'),
      audioTicks: audioTicks === undefined ? undefined : audioTicks - AUDIO_WARM_UP_TICKS,
    })
  }

  #onRunEnd(run: LadderRun, end: ProcessEnd): void {
    if (this.#draining?.run === run) {
      this.#draining.limit.cancel()
      this.#draining = undefined
      this.#run?.release()
      this.#closeIfDone()
    } else if (this.#run === run) {
      this.#run = undefined
      this.#watch.follow(undefined)
      if (this.#sourceEnded) this.#closeIfDone()
      else this.#restart(run, end)
    }
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
    const killedFromOutside = cause === 'died' && OUTSIDE_SIGNALS.has(end.signal)
    const restart = this.#restarts.judge({ livedMs, progressed: this.#progressed, killedFromOutside })
    this.#deathsInVain = this.#progressed ? 0 : this.#deathsInVain + 1
    this.#progressed = false
    logger.warn('transcoder ended and is started again', { cause, ...end, livedMs, ...restart })
    if (restart.skipInput) this.#source.memory.skipFirst()
    if (this.#hasFailed) this.#options.onFailed()
    else if (restart.afterMs === 0) this.#start()
    else {
      this.#retry = clock.after(restart.afterMs, () => {
        this.#retry = undefined
        this.#start()
      })
    }
  }

  /** Whether viewers have nothing to watch, and it does not look as if that will change. */
  get #hasFailed(): boolean {
    const passesSource = this.#options.rungs.some(({ video }) => video?.kind === 'passthrough')
    return !passesSource && this.#deathsInVain >= MAX_DEATHS_IN_VAIN
  }

  /** The child gets to its end by itself, and what follows is for another one. */
  #endEra(): void {
    const { memory } = this.#source
    this.#changed = false
    this.#retry?.cancel()
    this.#retry = undefined
    memory.clear()
    if (this.#restoring) this.#restoreLast()
    if (memory.tracks.video) {
      // From the rungs as planned: a source that shrank may grow again.
      const rungs = this.#options.rungs.filter(({ name }) => !this.#shed.includes(name))
      this.#make(this.#options.refit(rungs, memory.tracks.video.avc))
    }
    this.#drain()
  }

  #drain(): void {
    const run = this.#run
    this.#run = undefined
    this.#killCause = undefined
    if (!run) return
    // Two changes within a second: the older tail has had its time.
    this.#draining?.limit.cancel()
    this.#draining?.run.kill()
    run.release()
    run.finish()
    const limit = this.#options.clock.after(DRAIN_MS, () => {
      run.kill()
    })
    this.#draining = { run, limit }
  }

  #closeIfDone(): void {
    if (this.#sourceEnded && !this.#closed && !this.#run && !this.#draining) this.#close()
  }

  #close(): void {
    this.#closed = true
    this.#deliveries.end()
    this.#options.onClosed()
  }

  /** Takes the most expensive rung off the child, unless it is the last one. */
  #shedBest(): void {
    const choice = this.#killCause ? undefined : sheddableRung(this.#rungs)
    if (!choice) return
    this.#options.logger.warn('rung is given up, the machine is too slow for it', choice)
    this.#make(withoutRung(this.#rungs, choice.shed))
    this.#shed = [...this.#shed, choice.shed]
    this.#restores.noteShed(this.#options.clock.monotonicMs())
    this.#restoring = false
    // Rungs that showed the one that goes now follow it.
    for (const name of this.#shed) this.#options.output.redirect(name, choice.instead)
    this.#kill('behind')
  }

  #restoreWhenCalm(lagMs: number): void {
    if (this.#shed.length === 0 || this.#restoring) return
    if (!this.#restores.isDue(this.#options.clock.monotonicMs(), lagMs)) return
    this.#restoring = true
    this.#changed = true
  }

  /** Makes the rung that was given up last again, and shows it wherever another one stands for it. */
  #restoreLast(): void {
    const restored = this.#shed.at(-1)
    this.#restoring = false
    if (restored === undefined) return
    this.#options.logger.info('rung that was given up is tried again', { restored })
    this.#restores.noteRestored(this.#options.clock.monotonicMs())
    for (const name of this.#shed) this.#options.output.redirect(name, restored)
    this.#shed = this.#shed.slice(0, -1)
  }

  #skipAhead(lagMs: number): void {
    if (this.#killCause) return
    this.#options.logger.warn('ladder skips to the newest keyframe', { lagMs: Math.round(lagMs) })
    this.#source.memory.skipToNewest()
    this.#kill('behind')
  }

  #kill(cause: KillCause): void {
    this.#killCause ??= cause
    this.#run?.kill()
  }

  #make(rungs: readonly Rung[]): void {
    this.#rungs = rungs
    this.#tracks = encodedTracks(rungs)
  }
}
