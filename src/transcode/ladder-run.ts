/**
 * One child of a ladder from its start to its end: feeds it the source, reads its outputs, knows whether it hangs.
 *
 * Starting another one is `ladder-supervisor.ts`.
 */
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'
import { flvHeader, flvSequenceHeader, flvUnit } from '../media/flv/flv-writer.ts'
import { TsDemuxer } from '../media/mpegts/ts-demuxer.ts'
import type { LadderProcess, ProcessEnd, StartProcess } from './ladder-process.ts'
import type { SourceItem, SourceTracks } from './source-memory.ts'
import type { TrackDelivery } from './track-delivery.ts'

/** What a run needs. */
export type LadderRunOptions = {
  readonly start: StartProcess
  readonly args: readonly string[]
  /** In the order of the outputs. */
  readonly deliveries: readonly TrackDelivery[]
  /** In force for the first unit. */
  readonly tracks: SourceTracks
  readonly firstTicks: number
  /** Keep what comes back until `release`: the run before is not done yet. */
  readonly held: boolean
  readonly nowMs: () => number
  /** Something new was delivered. */
  readonly onDelivered: () => void
  readonly onEnd: (end: ProcessEnd) => void
}

/** Output of a child that has fallen this far behind what it was fed is missed. */
const MISSED_LAG_MS = 400
/** A child that owes an output this long, without giving any of it, hangs; at its start it gets more time. */
const HANG_MS = 900
const HANG_AT_START_MS = 4000

type Output = {
  readonly delivery: TrackDelivery
  readonly demuxer: TsDemuxer
  started: boolean
  /** Since when something is owed. */
  owingSinceMs: number | undefined
}

/** A child that runs. */
export class LadderRun {
  readonly startedMs: number
  readonly #options: LadderRunOptions
  readonly #process: LadderProcess
  readonly #outputs: readonly Output[]
  readonly #newestFedTicks = { video: -Infinity, audio: -Infinity }
  #held: (() => void)[] | undefined

  constructor(options: LadderRunOptions) {
    this.#options = options
    this.startedMs = options.nowMs()
    this.#held = options.held ? [] : undefined
    this.#outputs = options.deliveries.map((delivery) => this.#createOutput(delivery))
    this.#process = options.start(options.args, options.deliveries.length, {
      onOutput: (index, bytes) => {
        this.#read(index, bytes)
      },
      onEnd: (end) => {
        for (const { demuxer } of this.#outputs) demuxer.end()
        options.onEnd(end)
      },
    })
    this.#writeHeaders(options.tracks, options.firstTicks)
  }

  /** Feeds the next item of the source. */
  feed(item: SourceItem): void {
    if (item.kind === 'track') {
      this.#feedTrack(item.track, item.dtsTicks)
      return
    }
    const { unit } = item
    if (unit.kind === 'audio' && !this.#takesAudio) return
    this.#newestFedTicks[unit.kind] = Math.max(this.#newestFedTicks[unit.kind], unit.ptsTicks)
    this.#process.write(flvUnit(unit))
  }

  /** Hands out what was held, and from now on everything at once. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const run of held) run()
  }

  /** Nothing more to feed: the child ends when it has put out what it holds. */
  finish(): void {
    this.#process.finish()
  }

  /** Ends the child without delay. */
  kill(): void {
    this.#process.kill()
  }

  /** Bytes that the child has not taken yet. */
  get backlogBytes(): number {
    return this.#process.backlogBytes()
  }

  /** How far each output is behind what was fed, in milliseconds of media; by name of its track. */
  lagsMs(): ReadonlyMap<string, number> {
    return new Map(this.#outputs.map(({ delivery }) => [delivery.name, this.#lagMs(delivery)]))
  }

  /** Whether the child owes an output and does not give it; looked at a few times a second. */
  hangs(nowMs: number): boolean {
    return this.#outputs.filter((output) => this.#isHanging(output, nowMs)).length > 0
  }

  get #takesAudio(): boolean {
    return this.#outputs.some(({ delivery }) => delivery.kind === 'audio')
  }

  #createOutput(delivery: TrackDelivery): Output {
    const sink = {
      onTrack: (track: MediaTrack) => {
        this.#handOut(() => {
          delivery.onTrack(track)
        })
      },
      onUnit: (unit: AccessUnit) => {
        this.#handOut(() => {
          if (delivery.onUnit(unit)) this.#options.onDelivered()
        })
      },
      onEnd: () => undefined,
    }
    const demuxer = new TsDemuxer(sink, { referenceTicks: this.#options.firstTicks, wholePes: true })
    return { delivery, demuxer, started: false, owingSinceMs: undefined }
  }

  #handOut(run: () => void): void {
    if (this.#held) this.#held.push(run)
    else run()
  }

  #read(index: number, bytes: Buffer): void {
    const output = this.#outputs[index]
    if (!output) return
    output.started = true
    output.owingSinceMs = undefined
    output.demuxer.push(bytes)
  }

  #writeHeaders({ video, audio }: SourceTracks, dtsTicks: number): void {
    const hasAudio = this.#takesAudio && audio !== undefined
    this.#process.write([
      flvHeader({ video: true, audio: hasAudio }),
      ...(video ? flvSequenceHeader(video, dtsTicks) : []),
      ...(hasAudio ? flvSequenceHeader(audio, dtsTicks) : []),
    ])
  }

  #feedTrack(track: MediaTrack, dtsTicks: number): void {
    if (track.kind === 'audio' && !this.#takesAudio) return
    this.#process.write(flvSequenceHeader(track, dtsTicks))
  }

  #lagMs(delivery: TrackDelivery): number {
    const fedTicks = this.#newestFedTicks[delivery.kind]
    const fromTicks = Math.max(delivery.newestTicks ?? -Infinity, this.#options.firstTicks)
    return Math.max(0, ((fedTicks - fromTicks) * 1000) / MEDIA_TIMESCALE)
  }

  #isHanging(output: Output, nowMs: number): boolean {
    if (this.#lagMs(output.delivery) < MISSED_LAG_MS) {
      output.owingSinceMs = undefined
      return false
    }
    output.owingSinceMs ??= nowMs
    return nowMs - output.owingSinceMs >= (output.started ? HANG_MS : HANG_AT_START_MS)
  }
}
