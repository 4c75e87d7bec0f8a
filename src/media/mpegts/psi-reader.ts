/**
 * Reads the two tables that lead to the streams of a program: PAT and PMT.
 *
 * A section may be spread over packets. One whose checksum fails, or that only announces a later version, is left out.
 *
 * Spec: ISO/IEC 13818-1 §2.4.4 (sections), §2.4.4.3 (PAT), §2.4.4.8 (PMT).
 */
import type { TsPacket } from './packet-reader.ts'
import { crc32Mpeg } from './psi.ts'
import type { ProgramStream } from './psi.ts'

/** Puts the sections of one PID together; holds at most `MAX_SECTION_BYTES`. */
export class SectionReader {
  readonly #tableId: number
  readonly #bytes: Buffer = Buffer.allocUnsafeSlow(MAX_SECTION_BYTES)
  #length = 0
  #gathering = false

  constructor(tableId: number) {
    this.#tableId = tableId
  }

  /** Forgets what was gathered: packets are missing. */
  reset(): void {
    this.#gathering = false
    this.#length = 0
  }

  /** The body of the section that `packet` completes: what lies between its header and its checksum. */
  push(packet: TsPacket): Uint8Array | undefined {
    let payload = packet.payload
    if (packet.unitStart) {
      const pointer = payload[0] ?? 0
      const finished = this.#append(payload.subarray(1, 1 + pointer))
      this.reset()
      this.#gathering = true
      if (finished) return finished
      payload = payload.subarray(1 + pointer)
    }
    return this.#append(payload)
  }

  #append(payload: Uint8Array): Uint8Array | undefined {
    if (!this.#gathering) return undefined
    const taken = payload.subarray(0, MAX_SECTION_BYTES - this.#length)
    this.#bytes.set(taken, this.#length)
    this.#length += taken.length
    if (this.#length < 3) return undefined
    const sectionBytes = 3 + (this.#bytes.readUInt16BE(1) & 0xfff)
    if (this.#length < sectionBytes && this.#length < MAX_SECTION_BYTES) return undefined
    this.reset()
    return this.#bodyOf(sectionBytes)
  }

  #bodyOf(sectionBytes: number): Uint8Array | undefined {
    if (sectionBytes > MAX_SECTION_BYTES || sectionBytes < HEADER_BYTES + CRC_BYTES) return undefined
    const section = this.#bytes.subarray(0, sectionBytes)
    const current = (section[5] ?? 0) & 1
    if (section[0] !== this.#tableId || current === 0 || crc32Mpeg(section) !== 0) return undefined
    return Uint8Array.from(section.subarray(HEADER_BYTES, sectionBytes - CRC_BYTES))
  }
}

/** Table ids of the two tables. */
export const TS_TABLE_ID = { pat: 0, pmt: 2 } as const

/** PID of the first program's PMT; undefined when the body of the PAT names none. */
export function readPatBody(body: Uint8Array): number | undefined {
  for (let at = 0; at + 4 <= body.length; at += 4) {
    const program = u16(body, at)
    // Program 0 is the network table.
    if (program !== 0) return u16(body, at + 2) & 0x1fff
  }
  return undefined
}

/** The streams that the body of a PMT lists, in its order. */
export function readPmtBody(body: Uint8Array): ProgramStream[] {
  const streams: ProgramStream[] = []
  let at = 4 + (u16(body, 2) & 0xfff)
  while (at + 5 <= body.length) {
    streams.push({ streamType: body[at] ?? 0, pid: u16(body, at + 1) & 0x1fff })
    at += 5 + (u16(body, at + 3) & 0xfff)
  }
  return streams
}

/** Longest section of either table (§2.4.4.5, §2.4.4.9). */
const MAX_SECTION_BYTES = 1024
const HEADER_BYTES = 8
const CRC_BYTES = 4

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
