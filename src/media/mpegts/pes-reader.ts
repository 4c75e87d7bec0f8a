/**
 * Puts the PES packets of one PID together and hands each out as early as it is known to be whole.
 *
 * A PES packet that declares its length is whole with its last byte. Video may leave the length open, and then only the
 * next one of its PID ends it: a frame too late for a live stream. Muxers that write every PES packet in one piece and
 * stuff nothing but its last packet give more away, and ffmpeg is one of them (`wholePes`): a stuffed packet is the last
 * one, and so is any packet before one that begins a PES packet of another PID. Only a payload that happens to fill its
 * last packet to the byte, one in 184, then waits for the other PID.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.6.
 */
import type { TsPacket } from './packet-reader.ts'
import { readTimestamp } from './timestamps.ts'

/** Largest PES packet that is put together, header counted. */
export const MAX_PES_BYTES: number = 4 * 1024 * 1024

/** One whole PES packet; `body` is a view that holds only during the call that hands it out. */
export type ReadPes = {
  /** 33-bit clock, undefined when the header has none. */
  readonly ptsClock: number | undefined
  /** Undefined when it equals the presentation time. */
  readonly dtsClock: number | undefined
  readonly body: Uint8Array
}

/** Reads the PES packets of one PID. */
export class PesReader {
  /** PES packets given up: cut short, damaged or too large. */
  droppedPes = 0
  readonly #onPes: (pes: ReadPes) => void
  readonly #wholePes: boolean
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0
  #gathering = false

  constructor(options: { readonly wholePes: boolean }, onPes: (pes: ReadPes) => void) {
    this.#wholePes = options.wholePes
    this.#onPes = onPes
  }

  /** Takes the next packet of the PID. */
  push(packet: TsPacket): void {
    if (packet.unitStart) {
      this.finish()
      this.#gathering = true
    }
    if (!this.#gathering) return
    if (!this.#append(packet.payload)) {
      this.drop()
      return
    }
    const declaredBytes = this.#declaredBytes()
    if (declaredBytes === undefined) return
    const whole = declaredBytes > 0 ? this.#length >= declaredBytes : this.#wholePes && packet.stuffed
    if (whole) this.finish()
  }

  /** No packet of the current PES packet will follow: hands it out unless it is shorter than it declared. */
  finish(): void {
    if (!this.#gathering) return
    const declaredBytes = this.#declaredBytes()
    if (declaredBytes === undefined || this.#length < declaredBytes) {
      this.drop()
      return
    }
    const bytes = this.#bytes.subarray(0, declaredBytes > 0 ? declaredBytes : this.#length)
    this.#gathering = false
    this.#length = 0
    const pes = parsePes(bytes)
    if (pes) this.#onPes(pes)
    else this.droppedPes++
  }

  /** Gives the current PES packet up, as its packets are incomplete; the next one starts clean. */
  drop(): void {
    if (this.#gathering) this.droppedPes++
    this.#gathering = false
    this.#length = 0
  }

  /** Whether a PES packet of open length has begun that may be whole. */
  get open(): boolean {
    return this.#gathering && this.#declaredBytes() === 0
  }

  #append(payload: Uint8Array): boolean {
    const length = this.#length + payload.length
    if (length > MAX_PES_BYTES) return false
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(MAX_PES_BYTES, 2 * length))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(payload, this.#length)
    this.#length = length
    return true
  }

  /** Whole size as the header says; 0 when it leaves it open, undefined while the field is not there. */
  #declaredBytes(): number | undefined {
    if (this.#length < LENGTH_FIELD_END) return undefined
    const lengthField = this.#bytes.readUInt16BE(LENGTH_FIELD_AT)
    return lengthField === 0 ? 0 : LENGTH_FIELD_END + lengthField
  }
}

const FIRST_BYTES = 16 * 1024
const LENGTH_FIELD_AT = 4
const LENGTH_FIELD_END = 6
const FIXED_BYTES = 9
const TIMESTAMP_BYTES = 5

function parsePes(bytes: Buffer): ReadPes | undefined {
  if (bytes.length < FIXED_BYTES || bytes.readUIntBE(0, 3) !== 1) return undefined
  const headerBytes = FIXED_BYTES + bytes.readUInt8(8)
  // The two bits in front tell this form of header from that of MPEG-1.
  if ((bytes.readUInt8(6) & 0xc0) !== 0x80 || headerBytes > bytes.length) return undefined
  const timestamps = bytes.readUInt8(7) >> 6
  const withPts = timestamps >= 2 && headerBytes >= FIXED_BYTES + TIMESTAMP_BYTES
  const withDts = timestamps === 3 && headerBytes >= FIXED_BYTES + 2 * TIMESTAMP_BYTES
  return {
    ptsClock: withPts ? readTimestamp(bytes, FIXED_BYTES) : undefined,
    dtsClock: withDts ? readTimestamp(bytes, FIXED_BYTES + TIMESTAMP_BYTES) : undefined,
    body: bytes.subarray(headerBytes),
  }
}
