/**
 * Muxes one H.264 and one AAC track into MPEG-TS parts.
 *
 * Input: the units of a part, in the order they shall be sent, and timed metadata that applies in it. Output: one buffer
 * of whole packets that begins with PAT and PMT, then the metadata, and ends at a unit boundary, so that parts can be fetched alone and segments are their parts put together.
 * Where parts are cut is the packager's business.
 *
 * Spec: ISO/IEC 13818-1; rfc8216bis §3.1.1 (MPEG-2 Transport Streams in HLS).
 */
import type { TimedMetadata } from '../timed-metadata.ts'
import type { MuxedTracks, TimedUnit } from '../timed-unit.ts'
import { AdtsStream } from './adts-stream.ts'
import { AvcStream, putAvcStream } from './avc-stream.ts'
import { id3PesPayloads, ID3_PROGRAM_DESCRIPTORS, ID3_STREAM } from './id3-stream.ts'
import type { PacketStream } from './packet-writer.ts'
import { packetsBytes, PacketWriter, TS_PACKET_BYTES } from './packet-writer.ts'
import type { AudioPes, VideoPes } from './part-plan.ts'
import { PartPlanner } from './part-plan.ts'
import { PES_STREAM_ID, pesHeaderBytes, putPesHeader } from './pes-header.ts'
import { buildPatPacket, buildPmtPacket, TS_PID, TS_STREAM_TYPE } from './psi.ts'

/**
 * What PTS and DTS are ahead of media time, in 90 kHz ticks: one second, the same for audio and video, for ever.
 *
 * Media time starts near zero and a clock reference has to precede the decoding time it leads to, so time on the wire
 * needs a head start. A whole second keeps the two easy to compare: media time 12.345 s is PTS 13.345 s.
 */
export const TS_SHIFT_TICKS = 90_000

/**
 * What the clock (PCR) is behind the decoding time of the picture that carries it: 0.7 s.
 *
 * This is the buffering a decoder is asked for, below the second that §2.4.2.6 allows, and the room for audio that was
 * interleaved late and for pictures that are shown before they are decoded (`MAX_DECODE_LEAD_TICKS`).
 */
export const TS_CLOCK_LEAD_TICKS = 63_000

/** What a muxer hands to the one that follows it on a track change, so that counters and versions run on. */
export type TsContinuation = {
  /** Continuity counters of the next packets. */
  readonly counters: {
    readonly pat: number
    readonly pmt: number
    readonly video: number
    readonly audio: number
    readonly metadata: number
  }
  /** Version of the last PMT, 0 to 31. */
  readonly pmtVersion: number
  readonly decodeLeadTicks: number
}

/**
 * Writes the parts of one pair of tracks; a track change asks for a new muxer that continues the old one.
 *
 * Times are media time plus `TS_SHIFT_TICKS`, modulo 2^33. PTS are exact. DTS are too while no picture is shown before it
 * is decoded; once one is, all DTS move forward by as much as keeps DTS ≤ PTS.
 */
export class TsMuxer {
  readonly #video: PacketStream
  readonly #audio: PacketStream
  readonly #metadata: PacketStream
  readonly #pat: PacketStream
  readonly #pmt: PacketStream
  readonly #pmtVersion: number
  readonly #tables: Buffer
  readonly #adts: AdtsStream | undefined
  readonly #planner: PartPlanner
  readonly #clockOnAudio: boolean

  constructor(tracks: MuxedTracks, before?: TsContinuation) {
    this.#pat = { pid: TS_PID.pat, continuityCounter: before?.counters.pat ?? 0 }
    this.#pmt = { pid: TS_PID.pmt, continuityCounter: before?.counters.pmt ?? 0 }
    this.#video = { pid: TS_PID.video, continuityCounter: before?.counters.video ?? 0 }
    this.#audio = { pid: TS_PID.audio, continuityCounter: before?.counters.audio ?? 0 }
    this.#metadata = { pid: TS_PID.metadata, continuityCounter: before?.counters.metadata ?? 0 }
    this.#pmtVersion = before ? (before.pmtVersion + 1) & 31 : 0
    this.#clockOnAudio = tracks.video === undefined
    this.#tables = buildTables(tracks, this.#pmtVersion)
    this.#adts = tracks.audio && new AdtsStream(tracks.audio.aac)
    const avc = tracks.video && new AvcStream(tracks.video.avc)
    this.#planner = new PartPlanner(avc, tracks.audio?.aac, before?.decodeLeadTicks ?? 0)
  }

  /** What the muxer of the next pair of tracks continues from. */
  get continuation(): TsContinuation {
    return {
      counters: {
        pat: this.#pat.continuityCounter,
        pmt: this.#pmt.continuityCounter,
        video: this.#video.continuityCounter,
        audio: this.#audio.continuityCounter,
        metadata: this.#metadata.continuityCounter,
      },
      pmtVersion: this.#pmtVersion,
      decodeLeadTicks: this.#planner.decodeLeadTicks,
    }
  }

  /**
   * One part: PAT, PMT, then `units`, any mix of kinds in decode order within each.
   *
   * Never throws, whatever the units hold: units of a kind without a track and audio frames that ADTS cannot frame
   * (empty, or over 8184 bytes) are left out, and so is metadata larger than `MAX_METADATA_PAYLOAD_BYTES`.
   */
  writePart(units: readonly TimedUnit[], metadata: readonly TimedMetadata[] = []): Buffer {
    const plan = this.#planner.plan(units)
    const payloads = id3PesPayloads(metadata, TS_SHIFT_TICKS)
    const payloadsBytes = payloads.reduce((sum, payload) => sum + packetsBytes(payload.length, false), 0)
    const writer = new PacketWriter(this.#tables.length + payloadsBytes + plan.sizeBytes)
    this.#writeTables(writer)
    for (const payload of payloads) this.#writeMetadata(writer, payload)
    for (const entry of plan.entries) {
      if (entry.kind === 'video') this.#writeVideo(writer, entry)
      else if (entry.kind === 'audio') this.#writeAudio(writer, entry)
      else writer.appendClock(this.#clockOnAudio ? this.#audio : this.#video, clockAt(entry.dtsTicks))
    }
    return writer.out
  }

  /** Bytes of the part that `writePart` would make of `units` now. To be asked of a muxer that writes nothing after it. */
  partBytes(units: readonly TimedUnit[]): number {
    return this.#tables.length + this.#planner.plan(units).sizeBytes
  }

  #writeTables(writer: PacketWriter): void {
    writer.append(this.#tables)
    writer.out[3] = 0x10 | this.#pat.continuityCounter
    writer.out[TS_PACKET_BYTES + 3] = 0x10 | this.#pmt.continuityCounter
    this.#pat.continuityCounter = (this.#pat.continuityCounter + 1) & 15
    this.#pmt.continuityCounter = (this.#pmt.continuityCounter + 1) & 15
  }

  #writeMetadata(writer: PacketWriter, payload: Uint8Array): void {
    writer.out.set(payload, writer.reserve(payload.length, false))
    writer.spread(this.#metadata, { clockTicks: undefined, randomAccess: false })
  }

  #writeVideo(writer: PacketWriter, pes: VideoPes): void {
    const unit = pes.unit
    const at = writer.reserve(pes.payloadBytes, true)
    const body = putPesHeader(writer.out, at, {
      streamId: PES_STREAM_ID.video,
      ptsTicks: unit.ptsTicks + TS_SHIFT_TICKS,
      dtsTicks: pes.dtsTicks + TS_SHIFT_TICKS,
      bodyBytes: 0,
    })
    putAvcStream(writer.out, body, unit.data, pes.layout)
    writer.spread(this.#video, { clockTicks: clockAt(unit.dtsTicks), randomAccess: unit.keyframe })
  }

  #writeAudio(writer: PacketWriter, pes: AudioPes): void {
    const first = pes.frames[0]
    if (!first || !this.#adts) return
    const at = writer.reserve(pes.payloadBytes, this.#clockOnAudio)
    const ptsTicks = first.ptsTicks + TS_SHIFT_TICKS
    let body = putPesHeader(writer.out, at, {
      streamId: PES_STREAM_ID.audio,
      ptsTicks,
      dtsTicks: ptsTicks,
      bodyBytes: pes.payloadBytes - pesHeaderBytes(false),
    })
    for (const frame of pes.frames) body = this.#adts.put(writer.out, body, frame.data)
    const clockTicks = this.#clockOnAudio ? clockAt(first.dtsTicks) : undefined
    writer.spread(this.#audio, { clockTicks, randomAccess: true })
  }
}

function clockAt(dtsTicks: number): number {
  return dtsTicks + TS_SHIFT_TICKS - TS_CLOCK_LEAD_TICKS
}

function buildTables(tracks: MuxedTracks, pmtVersion: number): Buffer {
  const streams = [
    ...(tracks.video ? [{ streamType: TS_STREAM_TYPE.avc, pid: TS_PID.video }] : []),
    ...(tracks.audio ? [{ streamType: TS_STREAM_TYPE.adtsAac, pid: TS_PID.audio }] : []),
  ]
  const pmt = buildPmtPacket({
    // Metadata is always announced, so that the first piece of it does not change the table in mid-stream.
    streams: [...streams, ID3_STREAM],
    clockPid: tracks.video ? TS_PID.video : TS_PID.audio,
    version: pmtVersion,
    descriptors: ID3_PROGRAM_DESCRIPTORS,
  })
  return Buffer.concat([buildPatPacket(), pmt])
}
