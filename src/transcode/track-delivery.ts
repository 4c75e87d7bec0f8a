/**
 * Delivers one encoded track to the rungs that show it, over all children that make it: exact times, nothing twice.
 *
 * A child counts in whole milliseconds. Pictures get the source's own times back, and its captions; sound goes onto the
 * grid of its samples.
 */
import { MEDIA_TIMESCALE, type AccessUnit, type MediaSink, type MediaTrack } from '../media/access-unit.ts'
import { AudioGrid, type AudioGridOptions } from '../media/audio-grid.ts'
import { sameAacConfig, type AacConfig } from '../media/codec/aac.ts'
import { sameAvcConfig } from '../media/codec/avc.ts'
import { replaceCaptions } from '../media/codec/captions.ts'
import type { PictureOrder } from '../media/picture-order.ts'
import { trackName, type EncodedTrack } from './encoded-track.ts'
import type { ResumePoint } from './ladder-arguments.ts'
import type { SourceCaptions } from './source-captions.ts'

/** Sound that a new encoder is given beforehand and that is not delivered: it starts with poor quality. */
export const AUDIO_WARM_UP_MS = 500

/** What a delivery needs. */
export type TrackDeliveryOptions = {
  readonly track: EncodedTrack
  /** Of every rung that shows it. */
  readonly sinks: readonly MediaSink[]
  /** The source's pictures. */
  readonly pictures: Pick<PictureOrder, 'resolve'>
  readonly captions: Pick<SourceCaptions, 'between'>
}

/** One track's delivery. */
export class TrackDelivery {
  readonly name: string
  readonly kind: 'video' | 'audio'
  readonly #options: TrackDeliveryOptions
  #described: MediaTrack | undefined
  #aac: AacConfig | undefined
  #newestTicks: number | undefined
  #lastDtsTicks: number | undefined
  #grid: AudioGrid | undefined
  /** Units that could not be placed on the source's timeline. */
  strayUnits = 0

  constructor(options: TrackDeliveryOptions) {
    this.#options = options
    this.name = trackName(options.track)
    this.kind = options.track.kind
  }

  /** Presentation time of the newest unit that was delivered. */
  get newestTicks(): number | undefined {
    return this.#newestTicks
  }

  /** Where the next child goes on; undefined when nothing was delivered yet. */
  get resume(): ResumePoint | undefined {
    if (this.#newestTicks === undefined) return undefined
    if (this.kind === 'video') return { fromMs: Math.round(toMs(this.#newestTicks)) + 0.5 }
    const aac = this.#aac
    const nextSample = this.#grid?.nextSample
    if (!aac || nextSample === undefined) return undefined
    // Whole frames of the source are taken: half a frame before the grid's next one is between two of them.
    const nextMs = ((nextSample - aac.samplesPerFrame / 2) * 1000) / aac.sampleRate
    return { fromMs: nextMs - AUDIO_WARM_UP_MS }
  }

  /** Parameters of the units that follow. */
  readonly onTrack = (track: MediaTrack): void => {
    if (this.#described && sameTrack(this.#described, track)) return
    this.#described = track
    if (track.kind === 'audio') {
      this.#aac = track.aac
      this.#grid = new AudioGrid(track.aac, gridOptions(track.aac))
    }
    for (const sink of this.#options.sinks) sink.onTrack(track)
  }

  /** A unit with the times that the child gave it; whether it was new. */
  readonly onUnit = (unit: AccessUnit): boolean => {
    const placed = unit.kind === 'video' ? this.#placePicture(unit) : this.#placeFrame(unit)
    if (!placed) return false
    this.#newestTicks = placed.ptsTicks
    for (const sink of this.#options.sinks) sink.onUnit(placed)
    return true
  }

  /** No unit will follow. */
  end(): void {
    for (const sink of this.#options.sinks) sink.onEnd()
  }

  #placePicture(unit: AccessUnit): AccessUnit | undefined {
    const ptsMs = Math.round(toMs(unit.ptsTicks))
    const isOld = this.#newestTicks !== undefined && ptsMs <= toMs(this.#newestTicks) - 1
    if (isOld) return undefined
    const times = this.#options.pictures.resolve(ptsMs, this.#lastDtsTicks)
    if (!times) {
      this.strayUnits++
      return undefined
    }
    this.#lastDtsTicks = times.dtsTicks
    const captions = this.#options.captions.between(this.#newestTicks ?? times.ptsTicks - 1, times.ptsTicks)
    return { ...unit, ...times, data: replaceCaptions(unit.data, captions) }
  }

  #placeFrame(unit: AccessUnit): AccessUnit | undefined {
    const ticks = this.#grid?.place(unit.ptsTicks)
    if (ticks === undefined || ticks <= (this.#newestTicks ?? -Infinity)) return undefined
    return { ...unit, dtsTicks: ticks, ptsTicks: ticks }
  }
}

/**
 * What is earlier by more than half a frame was delivered before: it only warms the encoder of a new child up. The times
 * are the session's, which moves sound as fast as this follows.
 */
function gridOptions({ samplesPerFrame, sampleRate }: AacConfig): AudioGridOptions {
  const toleranceTicks = (samplesPerFrame * MEDIA_TIMESCALE) / (2 * sampleRate)
  return { toleranceTicks, meanOverMs: 250, unnoticedMs: 1 }
}

function sameTrack(a: MediaTrack, b: MediaTrack): boolean {
  if (a.kind === 'video') return b.kind === 'video' && sameAvcConfig(a.avc, b.avc)
  return b.kind === 'audio' && sameAacConfig(a.aac, b.aac)
}

function toMs(ticks: number): number {
  return (ticks * 1000) / MEDIA_TIMESCALE
}
