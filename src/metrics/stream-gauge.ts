/**
 * Counts what one publisher sends. On the packet path, so it only adds.
 */
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import type { AccessUnit, MediaSink } from '../media/access-unit.ts'

/** What arrived in a while, by the second. */
export type IngestRates = {
  readonly videoBps: number
  readonly audioBps: number
  readonly framesPerSecond: number
  /** Between the last two keyframes; undefined before the second one. */
  readonly keyframeIntervalSeconds: number | undefined
}

/** Sums since the stream began. */
export type IngestTotals = {
  readonly videoBytes: number
  readonly audioBytes: number
  readonly frames: number
}

const BITS_PER_BYTE = 8

/** The gauge of one stream. */
export class StreamGauge implements MediaSink {
  readonly #onEnded: () => void
  #videoBytes = 0
  #audioBytes = 0
  #frames = 0
  #keyframeTicks: number | undefined
  #keyframeIntervalTicks: number | undefined
  #taken: IngestTotals = { videoBytes: 0, audioBytes: 0, frames: 0 }

  /** @param onEnded called once, after the last unit. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded
  }

  readonly onTrack = (): void => undefined

  readonly onUnit = (unit: AccessUnit): void => {
    if (unit.kind === 'audio') {
      this.#audioBytes += unit.data.length
      return
    }
    this.#videoBytes += unit.data.length
    this.#frames++
    if (!unit.keyframe) return
    if (this.#keyframeTicks !== undefined) this.#keyframeIntervalTicks = unit.dtsTicks - this.#keyframeTicks
    this.#keyframeTicks = unit.dtsTicks
  }

  readonly onEnd = (): void => this.#onEnded()

  /** Everything that arrived. */
  get totals(): IngestTotals {
    return { videoBytes: this.#videoBytes, audioBytes: this.#audioBytes, frames: this.#frames }
  }

  /** What arrived since this was asked last, `elapsedMs` > 0 ago. */
  take(elapsedMs: number): IngestRates {
    const { totals } = this
    const before = this.#taken
    this.#taken = totals
    const perSecond = 1000 / elapsedMs
    const ticks = this.#keyframeIntervalTicks
    return {
      videoBps: (totals.videoBytes - before.videoBytes) * BITS_PER_BYTE * perSecond,
      audioBps: (totals.audioBytes - before.audioBytes) * BITS_PER_BYTE * perSecond,
      framesPerSecond: (totals.frames - before.frames) * perSecond,
      keyframeIntervalSeconds: ticks === undefined ? undefined : ticks / MEDIA_TIMESCALE,
    }
  }
}
