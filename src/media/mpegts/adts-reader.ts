/**
 * Takes AAC frames out of ADTS in PES packets, frames that lie across two of them included.
 *
 * The time in a PES header is that of the first frame that begins in it; the frames behind it are timed by counting
 * samples. Bytes that are no frame are skipped up to the next one.
 *
 * Spec: ISO/IEC 14496-3 §1.A.3.2 (ADTS); ISO/IEC 13818-1 §2.4.3.7 (time of a PES packet).
 */
import { rescaleTicks } from '../../base/ticks.ts'
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { MediaSink } from '../access-unit.ts'
import { parseAacConfig, sameAacConfig } from '../codec/aac.ts'
import type { AacConfig } from '../codec/aac.ts'
import { CodecError } from '../codec/codec-error.ts'
import type { ReadPes } from './pes-reader.ts'
import type { ClockUnwrapper } from './timestamps.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/** Reads the AAC frames of one PID. */
export class AdtsReader {
  /** Runs of bytes skipped and frames left out: no known configuration, several blocks in one frame, or no time. */
  droppedUnits = 0
  readonly #clock: ClockUnwrapper
  readonly #sink: Pick<MediaSink, 'onTrack' | 'onUnit'>
  #aac: AacConfig | undefined
  #configKey = -1
  /** The beginning of a frame whose end lies in the next PES packet; shorter than the longest frame. */
  #rest = NOTHING
  /** Time from which samples are counted, and how many have gone by since. */
  #baseTicks: number | undefined
  #samples = 0

  constructor(clock: ClockUnwrapper, sink: Pick<MediaSink, 'onTrack' | 'onUnit'>) {
    this.#clock = clock
    this.#sink = sink
  }

  /** Bytes are missing: a frame that has begun will not be finished. */
  reset(): void {
    this.#rest = NOTHING
  }

  /** Takes the next PES packet. */
  push(pes: ReadPes): void {
    const ptsTicks = pes.ptsClock === undefined ? undefined : this.#clock.unwrap(pes.ptsClock)
    const carriedBytes = this.#rest.length
    const bytes = Buffer.concat([this.#rest, pes.body])
    this.#rest = NOTHING
    let timed = ptsTicks === undefined
    let at = 0
    while (at < bytes.length) {
      // The first frame that begins in this packet takes its time.
      if (!timed && at >= carriedBytes) {
        this.#baseTicks = ptsTicks
        this.#samples = 0
        timed = true
      }
      const frame = readHeader(bytes, at)
      if (frame === 'cut') break
      if (frame === 'none') {
        this.droppedUnits++
        at = nextSyncWord(bytes, at + 1)
        continue
      }
      if (at + frame.frameBytes > bytes.length) break
      this.#takeFrame(frame, bytes.subarray(at + frame.headerBytes, at + frame.frameBytes))
      at += frame.frameBytes
    }
    // A copy, so that a few bytes do not keep a whole packet.
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at))
  }

  #takeFrame(frame: AdtsFrame, body: Uint8Array): void {
    this.#configure(frame.configKey)
    const aac = this.#aac
    if (!aac || this.#baseTicks === undefined || frame.blocks !== 1 || body.length === 0) {
      this.droppedUnits++
      this.#samples += (aac?.samplesPerFrame ?? 0) * frame.blocks
      return
    }
    const ticks = this.#baseTicks + rescaleTicks(this.#samples, aac.sampleRate, MEDIA_TIMESCALE)
    this.#samples += aac.samplesPerFrame
    this.#sink.onUnit({
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      keyframe: true,
      data: Uint8Array.from(body),
    })
  }

  #configure(configKey: number): void {
    if (configKey === this.#configKey) return
    this.#configKey = configKey
    const aac = aacConfigOf(configKey)
    const before = this.#aac
    this.#aac = aac
    if (aac && !(before && sameAacConfig(before, aac))) this.#sink.onTrack({ kind: 'audio', aac })
  }
}

type AdtsFrame = {
  readonly headerBytes: number
  /** Header counted. */
  readonly frameBytes: number
  readonly blocks: number
  /** The AudioSpecificConfig that the header stands for, as a number of 16 bits. */
  readonly configKey: number
}

const PLAIN_HEADER_BYTES = 7
const CHECKSUM_BYTES = 2

function readHeader(bytes: Buffer, at: number): AdtsFrame | 'none' | 'cut' {
  if (bytes[at] !== 0xff) return 'none'
  if (at + PLAIN_HEADER_BYTES > bytes.length) return 'cut'
  const second = bytes.readUInt8(at + 1)
  // Sync word and layer 0.
  if ((second & 0xf6) !== 0xf0) return 'none'
  const headerBytes = PLAIN_HEADER_BYTES + (second & 1 ? 0 : CHECKSUM_BYTES)
  const third = bytes.readUInt8(at + 2)
  const fields = bytes.readUInt32BE(at + 3)
  const frameBytes = (fields >>> 13) & 0x1fff
  if (frameBytes < headerBytes) return 'none'
  const objectType = (third >> 6) + 1
  const rateIndex = (third >> 2) & 15
  const channels = ((third & 1) << 2) | (fields >>> 30)
  return {
    headerBytes,
    frameBytes,
    blocks: (fields & 3) + 1,
    configKey: (objectType << 11) | (rateIndex << 7) | (channels << 3),
  }
}

function nextSyncWord(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(0xff, from)
  return at === -1 ? bytes.length : at
}

function aacConfigOf(configKey: number): AacConfig | undefined {
  try {
    return parseAacConfig(Buffer.from([configKey >> 8, configKey & 255]))
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
