/**
 * Turns the byte stream of H.264 in PES packets into access units with length prefixes.
 *
 * An access unit is one PES packet, or what lies between two delimiters of one. Delimiters, fillers and parameter sets
 * are taken out, the last becoming the track; SEI messages stay, as captions travel in them.
 *
 * Spec: ITU-T H.264 Annex B, §7.4.1.2.3 (order in an access unit); ISO/IEC 13818-1 §2.14 (delimiters).
 */
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { AccessUnit, MediaSink } from '../access-unit.ts'
import { withInBandParameterSets } from '../codec/avc.ts'
import type { AvcConfig } from '../codec/avc.ts'
import { AVC_NAL, holdsPicture, isIdr, joinLengthPrefixed, nalType, splitAnnexB } from '../codec/avc-nal.ts'
import type { ReadPes } from './pes-reader.ts'
import type { ClockUnwrapper } from './timestamps.ts'

/** Reads the pictures of one PID. */
export class AvcReader {
  /** Pictures left out: without parameter sets before them, or without any time. */
  droppedUnits = 0
  readonly #clock: ClockUnwrapper
  readonly #sink: Pick<MediaSink, 'onTrack' | 'onUnit'>
  #avc: AvcConfig | undefined
  #lastDtsTicks: number | undefined
  #frameTicks: number | undefined

  constructor(clock: ClockUnwrapper, sink: Pick<MediaSink, 'onTrack' | 'onUnit'>) {
    this.#clock = clock
    this.#sink = sink
  }

  /** Takes the next PES packet. */
  push(pes: ReadPes): void {
    let times = this.#timesOf(pes)
    for (const nals of splitAccessUnits(pes.body)) {
      this.#takeParameterSets(nals)
      const data = joinLengthPrefixed(nals.filter(isKept))
      if (!holdsPicture(data)) continue
      if (!times || !this.#avc) {
        this.droppedUnits++
        continue
      }
      this.#emit({ kind: 'video', ...times, keyframe: isIdr(data), data })
      // Only the first picture's time is written; others behind it are a frame apart.
      const stepTicks = this.#stepTicks()
      times = { dtsTicks: times.dtsTicks + stepTicks, ptsTicks: times.ptsTicks + stepTicks }
    }
  }

  #timesOf(pes: ReadPes): { readonly dtsTicks: number; readonly ptsTicks: number } | undefined {
    if (pes.ptsClock === undefined) {
      if (this.#lastDtsTicks === undefined) return undefined
      const ticks = this.#lastDtsTicks + this.#stepTicks()
      return { dtsTicks: ticks, ptsTicks: ticks }
    }
    const dtsTicks = this.#clock.unwrap(pes.dtsClock ?? pes.ptsClock)
    return { dtsTicks, ptsTicks: this.#clock.unwrap(pes.ptsClock) }
  }

  #takeParameterSets(nals: readonly Uint8Array[]): void {
    const sets = nals.filter(isParameterSet)
    if (sets.length === 0) return
    const avc = withInBandParameterSets(this.#avc, joinLengthPrefixed(sets))
    if (!avc || avc === this.#avc) return
    this.#avc = avc
    this.#sink.onTrack({ kind: 'video', avc })
  }

  #emit(unit: AccessUnit): void {
    const stepTicks = unit.dtsTicks - (this.#lastDtsTicks ?? unit.dtsTicks)
    if (stepTicks > 0 && stepTicks <= MEDIA_TIMESCALE) this.#frameTicks = stepTicks
    this.#lastDtsTicks = unit.dtsTicks
    this.#sink.onUnit(unit)
  }

  #stepTicks(): number {
    return this.#frameTicks ?? Math.round(MEDIA_TIMESCALE / (this.#avc?.frameRate ?? ASSUMED_FRAME_RATE))
  }
}

const ASSUMED_FRAME_RATE = 30
const START_CODE = Buffer.from([0, 0, 1])

/** NAL units of each access unit; bytes before the first start code belong to none. */
function splitAccessUnits(body: Uint8Array): Uint8Array[][] {
  const view = Buffer.from(body.buffer, body.byteOffset, body.length)
  const start = view.indexOf(START_CODE)
  if (start === -1) return []
  const units: Uint8Array[][] = [[]]
  for (const nal of splitAnnexB(view.subarray(start))) {
    if (nalType(nal) === AVC_NAL.accessUnitDelimiter) units.push([])
    else units.at(-1)?.push(nal)
  }
  return units
}

function isParameterSet(nal: Uint8Array): boolean {
  return nalType(nal) === AVC_NAL.sps || nalType(nal) === AVC_NAL.pps
}

function isKept(nal: Uint8Array): boolean {
  const type = nalType(nal)
  return !isParameterSet(nal) && (type < AVC_NAL.endOfSequence || type > AVC_NAL.filler)
}
