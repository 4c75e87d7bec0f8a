/**
 * Decides which PES packets carry the units of one part, before a byte is written: so the part's size is known exactly.
 *
 * Every picture is a PES packet of its own. Audio frames that follow each other without a gap share one, which is
 * written where its first frame stands: audio may come early, never late.
 */
import { rescaleTicks } from '../../base/ticks.ts'
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { AacConfig } from '../codec/aac.ts'
import type { TimedUnit } from '../timed-unit.ts'
import { ADTS_HEADER_BYTES, MAX_ADTS_BODY_BYTES } from './adts-stream.ts'
import type { AvcLayout, AvcStream } from './avc-stream.ts'
import { avcStreamBytes } from './avc-stream.ts'
import { packetsBytes, TS_PACKET_BYTES } from './packet-writer.ts'
import { pesHeaderBytes } from './pes-header.ts'

/** One PES packet with a picture; `payloadBytes` counts its header. */
export type VideoPes = {
  readonly kind: 'video'
  readonly unit: TimedUnit
  readonly layout: AvcLayout
  readonly dtsTicks: number
  readonly payloadBytes: number
}

/** One PES packet with audio frames; `payloadBytes` counts its header. */
export type AudioPes = {
  readonly kind: 'audio'
  readonly frames: readonly TimedUnit[]
  readonly payloadBytes: number
}

/** A clock by itself, where what carries the clock is too far apart to carry it often enough. */
export type LoneClock = { readonly kind: 'clock'; readonly dtsTicks: number }

/** One step of writing a part. */
export type PlanEntry = VideoPes | AudioPes | LoneClock

/** What a part is made of, in order, and the bytes its packets take. */
export type PartPlan = {
  readonly entries: readonly PlanEntry[]
  readonly sizeBytes: number
}

/** Longest that decoding times may be moved forward for pictures that are shown before they are decoded. */
export const MAX_DECODE_LEAD_TICKS = 45_000

/** Longest way between two clocks (ISO/IEC 13818-1 §2.7.2: 100 ms). */
export const CLOCK_INTERVAL_TICKS = 9_000

/** A longer gap is a break in time, which lone clocks would not mend. */
const MAX_CLOCK_GAP_TICKS = 10 * MEDIA_TIMESCALE

const MAX_FRAMES_PER_PES = 8

/** The length field of a PES packet has 16 bits and counts part of the header. */
const MAX_AUDIO_PAYLOAD_BYTES = 0xffff

/** Plans the parts of one pair of tracks, one after another. */
export class PartPlanner {
  readonly #avc: AvcStream | undefined
  readonly #aac: AacConfig | undefined
  #decodeLeadTicks: number
  #clockTicks: number | undefined
  #open: OpenAudioPes | undefined

  constructor(avc: AvcStream | undefined, aac: AacConfig | undefined, decodeLeadTicks: number) {
    this.#avc = avc
    this.#aac = aac
    this.#decodeLeadTicks = decodeLeadTicks
  }

  /** Ticks by which decoding times are moved forward so far; grows only. */
  get decodeLeadTicks(): number {
    return this.#decodeLeadTicks
  }

  /** Units of a kind that has no track are left out. */
  plan(units: readonly TimedUnit[]): PartPlan {
    const entries: PlanEntry[] = []
    this.#open = undefined
    // The whole part is looked at first, so that decoding times jump between parts and not inside one.
    if (this.#avc) for (const unit of units) this.#growDecodeLead(unit)
    for (const unit of units) {
      if (unit.kind === 'video') {
        if (this.#avc) this.#planVideo(entries, this.#avc, unit)
      } else if (this.#aac) this.#planAudio(entries, this.#aac, unit)
    }
    return { entries, sizeBytes: this.#sizeBytes(entries) }
  }

  #growDecodeLead(unit: TimedUnit): void {
    const earlyTicks = unit.dtsTicks - unit.ptsTicks
    if (earlyTicks <= this.#decodeLeadTicks || unit.kind !== 'video') return
    this.#decodeLeadTicks = Math.min(earlyTicks, MAX_DECODE_LEAD_TICKS)
  }

  #planVideo(entries: PlanEntry[], avc: AvcStream, unit: TimedUnit): void {
    this.#planClock(entries, unit.dtsTicks)
    const layout = avc.layout(unit)
    const dtsTicks = Math.min(unit.dtsTicks - this.#decodeLeadTicks, unit.ptsTicks)
    const headerBytes = pesHeaderBytes(dtsTicks !== unit.ptsTicks)
    const payloadBytes = headerBytes + avcStreamBytes(unit.data, layout)
    entries.push({ kind: 'video', unit, layout, dtsTicks, payloadBytes })
  }

  #planAudio(entries: PlanEntry[], aac: AacConfig, unit: TimedUnit): void {
    const frameBytes = ADTS_HEADER_BYTES + unit.data.length
    // No AAC frame is empty or this long; one that claims so would break the framing of those around it.
    if (unit.data.length === 0 || unit.data.length > MAX_ADTS_BODY_BYTES) return
    if (this.#open && this.#fits(this.#open, aac, unit, frameBytes)) {
      this.#open.frames.push(unit)
      this.#open.payloadBytes += frameBytes
      return
    }
    if (!this.#avc) this.#planClock(entries, unit.dtsTicks)
    this.#open = { kind: 'audio', frames: [unit], payloadBytes: pesHeaderBytes(false) + frameBytes }
    entries.push(this.#open)
  }

  #fits(open: OpenAudioPes, aac: AacConfig, unit: TimedUnit, frameBytes: number): boolean {
    const count = open.frames.length
    const firstTicks = open.frames[0]?.ptsTicks ?? 0
    if (count >= MAX_FRAMES_PER_PES || open.payloadBytes + frameBytes > MAX_AUDIO_PAYLOAD_BYTES) return false
    // Only the first frame's time is written; a reader counts the others from it (ISO/IEC 13818-1 §2.4.3.7).
    const countedTicks = rescaleTicks(count * aac.samplesPerFrame, aac.sampleRate, MEDIA_TIMESCALE)
    if (Math.abs(unit.ptsTicks - firstTicks - countedTicks) > 1) return false
    return this.#avc !== undefined || unit.ptsTicks + unit.durationTicks - firstTicks <= CLOCK_INTERVAL_TICKS
  }

  #planClock(entries: PlanEntry[], dtsTicks: number): void {
    const last = this.#clockTicks
    this.#clockTicks = dtsTicks
    if (last === undefined || dtsTicks - last > MAX_CLOCK_GAP_TICKS) return
    for (let at = last + CLOCK_INTERVAL_TICKS; at < dtsTicks; at += CLOCK_INTERVAL_TICKS) {
      entries.push({ kind: 'clock', dtsTicks: at })
    }
  }

  #sizeBytes(entries: readonly PlanEntry[]): number {
    let sizeBytes = 0
    for (const entry of entries) {
      if (entry.kind === 'clock') sizeBytes += TS_PACKET_BYTES
      else sizeBytes += packetsBytes(entry.payloadBytes, entry.kind === 'video' || !this.#avc)
    }
    return sizeBytes
  }
}

type OpenAudioPes = { readonly kind: 'audio'; readonly frames: TimedUnit[]; payloadBytes: number }
