/**
 * A ladder with real ffmpeg children, fed with a clip as fast as it takes it or as a publisher would send it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { Channel } from '../../src/domain/channel.ts'
import type { AccessUnit, MediaSink, MediaTrack } from '../../src/media/access-unit.ts'
import type { MuxedTracks } from '../../src/media/timed-unit.ts'
import { ffmpegStarter } from '../../src/transcode/ffmpeg-process.ts'
import type { StartProcess } from '../../src/transcode/ladder-process.ts'
import { LadderRegistry } from '../../src/transcode/ladder-registry.ts'
import type { LadderHealth } from '../../src/transcode/ladder-supervisor.ts'
import { RecordingLadderOutput } from './recording-ladder-output.ts'
import { RecordingLogger } from './recording-logger.ts'

/** What differs between tests. */
export type LadderRigOptions = {
  readonly channel: Pick<Channel, 'type' | 'preset'>
  /** Media seconds that are fed in a second, whatever becomes of them. Without it the ladder gets what it can take. */
  readonly speed?: number
  readonly start?: StartProcess
}

const STREAM_ID = 'st-AbCdEfGhIjKlMnOpQrStUvW'
const TICKS_PER_MS = 90
const CLOSE_MS = 3000
/** Of media: how far a ladder that gets what it can take may be behind what it was fed. */
const MAX_LAG_TICKS = 1000 * TICKS_PER_MS
/** Of media: what a ladder makes only when it hears of the end. */
const HELD_BACK_TICKS = 300 * TICKS_PER_MS
/** Longest wait for a ladder that is behind. */
const CATCH_UP_MS = 5000

/** One stream's ladder. */
export class LadderRig implements AsyncDisposable {
  readonly output: RecordingLadderOutput = new RecordingLadderOutput()
  readonly logger: RecordingLogger = new RecordingLogger()
  /** Process ids of the children, oldest first. */
  readonly pids: number[] = []
  readonly #registry: LadderRegistry
  readonly #source: MediaSink
  readonly #speed: number | undefined
  #firstTicks: number | undefined
  #fedTicks: number | undefined
  #dueMs = 0

  constructor(options: LadderRigOptions) {
    this.#speed = options.speed
    const start = options.start ?? ffmpegStarter('ffmpeg', (pid) => this.pids.push(pid))
    this.#registry = new LadderRegistry({
      start,
      encoder: { encoder: 'libx264', x264Preset: 'ultrafast' },
      maxLadders: 1,
      clock: systemClock,
      logger: this.logger,
    })
    const outcome = this.#registry.open({
      streamId: STREAM_ID,
      channel: options.channel,
      output: this.output,
      announcedFrameRate: () => undefined,
      onFailed: () => undefined,
    })
    if (outcome.kind !== 'opened') throw new Error(outcome.kind)
    this.#source = outcome.source
  }

  /** How the transcoder is doing. */
  get health(): LadderHealth | undefined {
    return this.#registry.health(STREAM_ID)
  }

  /** Announces the tracks that follow. */
  setTracks({ video, audio }: MuxedTracks): void {
    if (video) this.setTrack(video)
    if (audio) this.setTrack(audio)
  }

  /** Announces one track. */
  setTrack(track: MediaTrack): void {
    this.#source.onTrack(track)
  }

  /** Feeds units, each at its moment or when the ladder can take it. */
  async feed(units: readonly AccessUnit[]): Promise<void> {
    for (const unit of units) {
      this.#firstTicks ??= unit.dtsTicks
      if (this.#speed !== undefined) await this.#pace(unit.dtsTicks, this.#speed)
      else await this.#untilBehindBy(MAX_LAG_TICKS)
      this.#fedTicks = Math.max(this.#fedTicks ?? unit.dtsTicks, unit.dtsTicks)
      this.#source.onUnit(unit)
    }
  }

  /** The publisher leaves a ladder that has caught up; resolves when it has put out everything. */
  async end(): Promise<void> {
    await this.#untilBehindBy(HELD_BACK_TICKS)
    this.#source.onEnd()
    await this.until(() => [...this.output.recorded.values()].every((rung) => rung.ended))
  }

  /** Resolves when `condition` holds; fails after `limitMs`. */
  async until(condition: () => boolean, limitMs = 10_000): Promise<void> {
    const startMs = performance.now()
    while (!condition()) {
      if (performance.now() - startMs > limitMs) throw new Error(`not so after ${limitMs} ms`)
      await sleep(10)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry.close(CLOSE_MS)
  }

  /** What is fed and not yet shown on the rung that is furthest behind, in ticks; 0 before there are rungs. */
  get #lagTicks(): number {
    const shownTicks = this.output.rungs.flatMap(({ name, video }) => {
      const recorded = this.output.recorded.get(name)
      if (!recorded || !video) return []
      return [recorded.units.findLast(({ kind }) => kind === 'video')?.dtsTicks ?? this.#firstTicks ?? 0]
    })
    return Math.max(0, (this.#fedTicks ?? 0) - Math.min(...shownTicks, Infinity))
  }

  async #untilBehindBy(maxTicks: number): Promise<void> {
    const startMs = performance.now()
    while (this.#lagTicks > maxTicks && performance.now() - startMs < CATCH_UP_MS) await sleep(5)
  }

  async #pace(dtsTicks: number, speed: number): Promise<void> {
    const stepMs = Math.max(0, dtsTicks - (this.#fedTicks ?? dtsTicks)) / TICKS_PER_MS / speed
    const nowMs = performance.now()
    this.#dueMs = Math.max(this.#dueMs, nowMs - 100) + stepMs
    if (this.#dueMs > nowMs + 1) await sleep(this.#dueMs - nowMs)
  }
}

/** The units of a clip between two moments, in seconds, `byMs` later. */
export function unitsBetween(
  units: readonly AccessUnit[],
  fromS: number,
  toS: number,
  byMs = 0,
): AccessUnit[] {
  const byTicks = byMs * TICKS_PER_MS
  return units
    .filter(({ dtsTicks }) => dtsTicks >= fromS * 90_000 && dtsTicks < toS * 90_000)
    .map((unit) => ({ ...unit, dtsTicks: unit.dtsTicks + byTicks, ptsTicks: unit.ptsTicks + byTicks }))
}
