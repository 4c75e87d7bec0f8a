/**
 * The ladders of all running streams: as many as the machine bears, and none of their children outlives the server.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { MediaSink } from '../media/access-unit.ts'
import type { LadderProcess, StartProcess } from './ladder-process.ts'
import type { LadderHealth } from './ladder-supervisor.ts'
import { StreamLadder, type LadderStream } from './stream-ladder.ts'
import type { EncoderChoice } from './video-encoders.ts'

/** What the registry needs. */
export type LadderRegistryOptions = {
  readonly start: StartProcess
  readonly encoder: EncoderChoice
  /** Streams that may be transcoded at once. */
  readonly maxLadders: number
  readonly clock: Clock
  readonly logger: Logger
}

/** What became of the wish for a ladder. */
export type LadderOutcome =
  { readonly kind: 'opened'; readonly source: MediaSink } | { readonly kind: 'capacity-exceeded' }

/** How all ladders of a server do together. */
export type LadderTotals = {
  /** Streams that are transcoded now. */
  readonly running: number
  /** Streams that may be transcoded at once. */
  readonly allowed: number
  /** Ladders that fall behind their sources. */
  readonly behind: number
  /** How far the slowest track of all is behind its source, in milliseconds of media. */
  readonly maxLagMs: number
  /** Rungs of running ladders that show another one because the machine is too slow. */
  readonly shedRungs: number
  /** Children that died or were ended because they hung, since the server started. */
  readonly deaths: number
}

/** Makes ladders and knows which of them run. */
export class LadderRegistry {
  readonly #options: LadderRegistryOptions
  readonly #ladders = new Map<string, StreamLadder>()
  readonly #transcoding = new Set<string>()
  readonly #children = new Set<LadderProcess>()
  /** Of ladders that have ended. */
  #endedDeaths = 0
  #whenIdle: (() => void) | undefined

  constructor(options: LadderRegistryOptions) {
    this.#options = options
  }

  /** A ladder for `stream`, to be fed with its source; channels that only pass their source on are not counted. */
  open(stream: LadderStream): LadderOutcome {
    const { streamId, channel } = stream
    const { encoder, clock, logger, maxLadders } = this.#options
    if (channel.type !== 'BASIC') {
      if (this.#transcoding.size >= maxLadders) return { kind: 'capacity-exceeded' }
      this.#transcoding.add(streamId)
    }
    const onClosed = (): void => {
      this.#endedDeaths += this.health(streamId)?.deaths ?? 0
      this.#ladders.delete(streamId)
      this.#transcoding.delete(streamId)
    }
    const ladder = new StreamLadder({ stream, start: this.#start, encoder, clock, logger, onClosed })
    this.#ladders.set(streamId, ladder)
    return { kind: 'opened', source: ladder }
  }

  /** How the transcoder of a stream is doing; undefined when it has none. */
  health(streamId: string): LadderHealth | undefined {
    return this.#ladders.get(streamId)?.health
  }

  /** How all ladders do together. */
  get totals(): LadderTotals {
    const healths = [...this.#ladders.values()].flatMap(({ health }) => health ?? [])
    return {
      running: this.#transcoding.size,
      allowed: this.#options.maxLadders,
      behind: healths.filter(({ state }) => state === 'behind').length,
      maxLagMs: Math.max(0, ...healths.flatMap(({ lagsMs }) => Object.values(lagsMs))),
      shedRungs: healths.reduce((sum, { shedRungs }) => sum + shedRungs.length, 0),
      deaths: healths.reduce((sum, { deaths }) => sum + deaths, this.#endedDeaths),
    }
  }

  /** Ends every child; resolves when all are gone, or after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    for (const ladder of [...this.#ladders.values()]) ladder.close()
    for (const child of this.#children) child.kill()
    if (this.#children.size === 0) return
    await new Promise<void>((resolve) => {
      const limit = this.#options.clock.after(limitMs, resolve)
      this.#whenIdle = () => {
        limit.cancel()
        resolve()
      }
    })
  }

  readonly #start: StartProcess = (args, outputs, events) => {
    const child = this.#options.start(args, outputs, {
      ...events,
      onEnd: (end) => {
        this.#children.delete(child)
        events.onEnd(end)
        if (this.#children.size === 0) this.#whenIdle?.()
      },
    })
    this.#children.add(child)
    return child
  }
}
