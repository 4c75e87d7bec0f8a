/**
 * Demuxes the H.264 and the AAC stream of a transport stream.
 *
 * Input: bytes in any slicing. Output: tracks and access units in a `MediaSink`, each unit as early as it is known to be
 * whole (`pes-reader.ts` tells when that is). From ffmpeg, `-omit_video_pes_length 0` makes pictures up to 64 KB declare
 * their length; larger ones are ended by the stuffing of their last packet when `wholePes` is set.
 *
 * Of several programs the first is read, and in it the first stream of each kind. Nothing throws, whatever the bytes
 * are: what cannot be read is left out and counted. Times are those of the stream, without their 33-bit wrap.
 *
 * Spec: ISO/IEC 13818-1.
 */
import type { MediaSink } from '../access-unit.ts'
import { AdtsReader } from './adts-reader.ts'
import { AvcReader } from './avc-reader.ts'
import { ContinuityCheck } from './continuity-check.ts'
import { PacketReader } from './packet-reader.ts'
import type { TsPacket } from './packet-reader.ts'
import { PesReader } from './pes-reader.ts'
import { TS_STREAM_TYPE } from './psi.ts'
import type { ProgramStream } from './psi.ts'
import { readPatBody, readPmtBody, SectionReader, TS_TABLE_ID } from './psi-reader.ts'
import { ClockUnwrapper } from './timestamps.ts'

/** How a stream is read. */
export type TsDemuxerOptions = {
  /** Media time near which the first timestamp lies, in 90 kHz ticks: chooses the round of the 33-bit clock. */
  readonly referenceTicks?: number
  /**
   * The muxer writes every PES packet in one piece and stuffs only its last packet, as ffmpeg does. Default false, which
   * is right for streams of unknown origin and costs a frame of latency where pictures do not declare their length.
   */
  readonly wholePes?: boolean
}

/** What went wrong so far. */
export type TsFaults = {
  /** Times that the sync byte was not where it had to be. */
  readonly syncLosses: number
  /** Packets marked as damaged or impossible in themselves. */
  readonly damagedPackets: number
  /** Times that packets of a stream were missing. */
  readonly continuityErrors: number
  /** PES packets cut short, damaged or larger than `MAX_PES_BYTES`. */
  readonly droppedPes: number
  /** Pictures and frames that could not be used. */
  readonly droppedUnits: number
}

/** Reads one stream. */
export class TsDemuxer {
  readonly #sink: MediaSink
  readonly #wholePes: boolean
  readonly #clock: ClockUnwrapper
  readonly #packets: PacketReader = new PacketReader((packet) => {
    this.#onPacket(packet)
  })
  readonly #pat: TableStream = tableStream(TS_TABLE_ID.pat)
  #pmt: (TableStream & { readonly pid: number }) | undefined
  readonly #streams = new Map<number, ElementaryStream>()
  #continuityErrors = 0
  #droppedByFormerPes = 0
  #droppedByFormerUnits = 0
  #ended = false

  constructor(sink: MediaSink, options: TsDemuxerOptions = {}) {
    this.#sink = sink
    this.#wholePes = options.wholePes ?? false
    this.#clock = new ClockUnwrapper(options.referenceTicks)
  }

  /** Takes the next bytes; they may be written over afterwards. */
  push(bytes: Uint8Array): void {
    if (!this.#ended) this.#packets.push(bytes)
  }

  /** No bytes will follow: hands out what is whole, then ends the sink. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const stream of this.#streams.values()) stream.pes.finish()
    this.#sink.onEnd()
  }

  /** A count of everything that went wrong. */
  get faults(): TsFaults {
    const streams = [...this.#streams.values()]
    return {
      ...this.#packets.faults,
      continuityErrors: this.#continuityErrors,
      droppedPes: streams.reduce((sum, { pes }) => sum + pes.droppedPes, this.#droppedByFormerPes),
      droppedUnits: streams.reduce(
        (sum, { reader }) => sum + reader.droppedUnits,
        this.#droppedByFormerUnits,
      ),
    }
  }

  #onPacket(packet: TsPacket): void {
    if (packet.pid === PAT_PID) this.#onPat(packet)
    else if (packet.pid === this.#pmt?.pid) this.#onPmt(packet, this.#pmt)
    else {
      const stream = this.#streams.get(packet.pid)
      if (stream) this.#onMedia(packet, stream)
    }
  }

  #onPat(packet: TsPacket): void {
    const body = this.#sectionBody(packet, this.#pat)
    const pid = body && readPatBody(body)
    if (pid !== undefined && pid !== this.#pmt?.pid) this.#pmt = { pid, ...tableStream(TS_TABLE_ID.pmt) }
  }

  #onPmt(packet: TsPacket, pmt: TableStream): void {
    const body = this.#sectionBody(packet, pmt)
    if (body) this.#select(readPmtBody(body))
  }

  #sectionBody(packet: TsPacket, table: TableStream): Uint8Array | undefined {
    const continuity = table.continuity.judge(packet)
    if (continuity === 'repeated') return undefined
    if (continuity === 'broken') {
      this.#continuityErrors++
      table.sections.reset()
    }
    return table.sections.push(packet)
  }

  /** Keeps the streams that stay, so that a repeated or a grown table interrupts nothing. */
  #select(listed: readonly ProgramStream[]): void {
    const chosen = [TS_STREAM_TYPE.avc, TS_STREAM_TYPE.adtsAac].map((streamType) =>
      listed.find((stream) => stream.streamType === streamType),
    )
    for (const [pid, stream] of this.#streams) {
      if (chosen.some((other) => other?.pid === pid && other.streamType === stream.streamType)) continue
      stream.pes.finish()
      this.#droppedByFormerPes += stream.pes.droppedPes
      this.#droppedByFormerUnits += stream.reader.droppedUnits
      this.#streams.delete(pid)
    }
    for (const stream of chosen) {
      if (stream && !this.#streams.has(stream.pid)) this.#streams.set(stream.pid, this.#open(stream))
    }
  }

  #open({ streamType }: ProgramStream): ElementaryStream {
    const reader =
      streamType === TS_STREAM_TYPE.avc
        ? new AvcReader(this.#clock, this.#sink)
        : new AdtsReader(this.#clock, this.#sink)
    const pes = new PesReader({ wholePes: this.#wholePes }, (whole) => {
      reader.push(whole)
    })
    return { streamType, continuity: new ContinuityCheck(), reader, pes }
  }

  #onMedia(packet: TsPacket, stream: ElementaryStream): void {
    const continuity = stream.continuity.judge(packet)
    if (continuity === 'repeated') return
    if (continuity === 'broken') {
      this.#continuityErrors++
      stream.pes.drop()
      if (stream.reader instanceof AdtsReader) stream.reader.reset()
    }
    if (packet.unitStart && this.#wholePes) this.#finishOthers(stream)
    stream.pes.push(packet)
  }

  #finishOthers(beginning: ElementaryStream): void {
    for (const stream of this.#streams.values()) {
      if (stream !== beginning && stream.pes.open) stream.pes.finish()
    }
  }
}

const PAT_PID = 0

type TableStream = { readonly sections: SectionReader; readonly continuity: ContinuityCheck }

type ElementaryStream = {
  readonly streamType: number
  readonly continuity: ContinuityCheck
  readonly reader: AvcReader | AdtsReader
  readonly pes: PesReader
}

function tableStream(tableId: number): TableStream {
  return { sections: new SectionReader(tableId), continuity: new ContinuityCheck() }
}
