/**
 * Puts the frames of an audio track onto the grid of their samples, out of times that were rounded or that jitter.
 *
 * Frames follow each other without a seam while their times agree with the count of their samples. Where the two drift
 * apart (encoders with a clock for each kind, clips that begin anew), the grid follows the mean of the times, by so
 * little with each frame that nobody hears it. A frame that is too late by far begins a new grid, one that is too
 * early has no place.
 */
import { rescaleTicks } from '../base/ticks.ts'
import { MEDIA_TIMESCALE } from './access-unit.ts'
import type { AacConfig } from './codec/aac.ts'

/** What decides the grid of a track. */
export type AudioGridShape = Pick<AacConfig, 'sampleRate' | 'samplesPerFrame'>

/** How a grid takes times that are not on it. */
export type AudioGridOptions = {
  /** 90 kHz; frames this near their place are put there. */
  readonly toleranceTicks: number
  /** Milliseconds over which the error is averaged. */
  readonly meanOverMs: number
  /** A mean error below this stays; more than the rounding of times can make. */
  readonly unnoticedMs: number
}

/** How far each frame is moved while the grid follows, as a part of its length. */
const STEP = 1 / 200

/** The grid of one track; feed it every frame's time, in order. */
export class AudioGrid {
  readonly #shape: AudioGridShape
  readonly #toleranceSamples: number
  readonly #unnoticedSamples: number
  readonly #stepSamples: number
  readonly #meanWeight: number
  /** How far times are behind the grid, on average. */
  #meanErrorSamples = 0
  /** Where the grid moves: 1 later, -1 earlier, 0 nowhere. */
  #direction = 0
  #nextSample: number | undefined

  constructor(shape: AudioGridShape, { toleranceTicks, meanOverMs, unnoticedMs }: AudioGridOptions) {
    const { sampleRate, samplesPerFrame } = shape
    this.#shape = shape
    this.#toleranceSamples = rescaleTicks(toleranceTicks, MEDIA_TIMESCALE, sampleRate)
    this.#unnoticedSamples = (sampleRate * unnoticedMs) / 1000
    this.#stepSamples = Math.floor(samplesPerFrame * STEP)
    this.#meanWeight = Math.min(1, (samplesPerFrame * 1000) / (sampleRate * meanOverMs))
  }

  /** Number of the sample after the newest frame, counted from media time zero; undefined before the first frame. */
  get nextSample(): number | undefined {
    return this.#nextSample
  }

  /** Place of the next frame, 90 kHz, which is told to be at `toldTicks`; undefined for one that is too early. */
  place(toldTicks: number): number | undefined {
    const { sampleRate, samplesPerFrame } = this.#shape
    const toldSample = rescaleTicks(toldTicks, MEDIA_TIMESCALE, sampleRate)
    const sample = this.#sampleFor(toldSample)
    if (sample === undefined) return undefined
    this.#nextSample = sample + samplesPerFrame
    return rescaleTicks(sample, sampleRate, MEDIA_TIMESCALE)
  }

  #sampleFor(toldSample: number): number | undefined {
    const nextSample = this.#nextSample ?? -Infinity
    const errorSamples = toldSample - nextSample
    if (errorSamples < -this.#toleranceSamples) return undefined
    if (errorSamples <= this.#toleranceSamples) return nextSample + this.#step(errorSamples)
    this.#meanErrorSamples = 0
    this.#direction = 0
    return toldSample
  }

  /** Samples by which the grid moves now. Once it has begun to move it does not stop half-way. */
  #step(errorSamples: number): number {
    this.#meanErrorSamples += (errorSamples - this.#meanErrorSamples) * this.#meanWeight
    const mean = this.#meanErrorSamples
    if (Math.abs(mean) > this.#unnoticedSamples) this.#direction = Math.sign(mean)
    else if (mean * this.#direction <= 0) this.#direction = 0
    const step = this.#direction * this.#stepSamples
    // What was averaged was measured against the grid as it was.
    this.#meanErrorSamples -= step
    return step
  }
}
