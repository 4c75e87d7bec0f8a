/**
 * Finds transport packets in bytes of any slicing and reads their headers.
 *
 * Where a packet does not begin with the sync byte, sync is lost: bytes are skipped up to a place where three packets in
 * a row begin with it. Two packets at most are held.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.2 (packet), §2.4.3.4 (adaptation field).
 */
import { TS_PACKET_BYTES } from './packet-writer.ts'

/** One packet with payload; its payload is a view that holds only during the call that hands it out. */
export type TsPacket = {
  readonly pid: number
  /** Whether a PES packet or a section begins in it. */
  readonly unitStart: boolean
  readonly continuityCounter: number
  /** Whether the sender says that its counters or clock begin anew here. */
  readonly discontinuity: boolean
  /** Whether the payload is shorter than the packet has room for. */
  readonly stuffed: boolean
  readonly payload: Uint8Array
}

/** What the reader met besides packets. */
export type PacketFaults = {
  /** Times that sync was lost. */
  syncLosses: number
  /** Packets marked as damaged, scrambled, or impossible in themselves. */
  damagedPackets: number
}

/** Reads one stream of packets; null packets and packets without payload are left out. */
export class PacketReader {
  readonly faults: PacketFaults = { syncLosses: 0, damagedPackets: 0 }
  readonly #onPacket: (packet: TsPacket) => void
  #rest: Uint8Array = NOTHING
  #inSync = true

  constructor(onPacket: (packet: TsPacket) => void) {
    this.#onPacket = onPacket
  }

  /** Takes the next bytes, any number of them. */
  push(bytes: Uint8Array): void {
    let fresh = bytes
    while (this.#rest.length > 0) {
      if (fresh.length === 0) return
      // Only as much is joined as completes what is held, so that a large push is not copied.
      const taken = fresh.subarray(0, SYNC_SPAN_BYTES - this.#rest.length)
      const joined = Buffer.concat([this.#rest, taken])
      const readBytes = this.#readPackets(joined)
      const freshReadBytes = readBytes - this.#rest.length
      this.#rest = freshReadBytes < 0 ? joined.subarray(readBytes) : NOTHING
      fresh = fresh.subarray(freshReadBytes < 0 ? taken.length : freshReadBytes)
    }
    this.#rest = Uint8Array.from(fresh.subarray(this.#readPackets(fresh)))
  }

  /** Returns how many bytes need not be seen again. */
  #readPackets(bytes: Uint8Array): number {
    let at = 0
    for (;;) {
      if (!this.#inSync) {
        at = findSync(bytes, at)
        if (at + SYNC_SPAN_BYTES > bytes.length) return at
        this.#inSync = true
      }
      if (at + TS_PACKET_BYTES > bytes.length) return at
      if (bytes[at] === SYNC_BYTE) {
        this.#readPacket(bytes, at)
        at += TS_PACKET_BYTES
      } else {
        this.#inSync = false
        this.faults.syncLosses++
      }
    }
  }

  #readPacket(bytes: Uint8Array, at: number): void {
    const high = bytes[at + 1] ?? 0
    const pid = ((high & 0x1f) << 8) | (bytes[at + 2] ?? 0)
    if (pid === NULL_PID) return
    const control = bytes[at + 3] ?? 0
    const adaptationBytes = control & HAS_ADAPTATION ? 1 + (bytes[at + HEADER_BYTES] ?? 0) : 0
    const payloadAt = HEADER_BYTES + adaptationBytes
    const damaged = (high & TRANSPORT_ERROR) !== 0 || (control & SCRAMBLED) !== 0
    if (damaged || payloadAt > TS_PACKET_BYTES || !(control & (HAS_ADAPTATION | HAS_PAYLOAD))) {
      this.faults.damagedPackets++
      return
    }
    if (!(control & HAS_PAYLOAD) || payloadAt === TS_PACKET_BYTES) return
    const flags = adaptationBytes > 1 ? (bytes[at + HEADER_BYTES + 1] ?? 0) : 0
    this.#onPacket({
      pid,
      unitStart: (high & UNIT_START) !== 0,
      continuityCounter: control & 15,
      discontinuity: (flags & DISCONTINUITY) !== 0,
      stuffed: adaptationBytes > 0 && adaptationBytes > usedBytes(bytes, at + HEADER_BYTES, flags),
      payload: bytes.subarray(at + payloadAt, at + TS_PACKET_BYTES),
    })
  }
}

const NOTHING = new Uint8Array(0)
const SYNC_BYTE = 0x47
const HEADER_BYTES = 4
const NULL_PID = 0x1fff
const TRANSPORT_ERROR = 0x80
const UNIT_START = 0x40
const SCRAMBLED = 0xc0
const HAS_ADAPTATION = 0x20
const HAS_PAYLOAD = 0x10
const DISCONTINUITY = 0x80
/** Two packets and the sync byte of a third. */
const SYNC_SPAN_BYTES: number = 2 * TS_PACKET_BYTES + 1

/** The first place from `from` on where sync is certain, or might be once more bytes are there. */
function findSync(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (isSync(bytes, at) && isSync(bytes, at + TS_PACKET_BYTES) && isSync(bytes, at + 2 * TS_PACKET_BYTES)) {
      return at
    }
  }
  return bytes.length
}

function isSync(bytes: Uint8Array, at: number): boolean {
  return at >= bytes.length || bytes[at] === SYNC_BYTE
}

/** Bytes of an adaptation field that say something: the rest is stuffing. */
function usedBytes(bytes: Uint8Array, at: number, flags: number): number {
  if (flags === 0) return 0
  let used = 2
  if (flags & 0x10) used += 6 // PCR
  if (flags & 0x08) used += 6 // OPCR
  if (flags & 0x04) used += 1 // splice countdown
  if (flags & 0x02) used += 1 + (bytes[at + used] ?? 0) // private bytes
  if (flags & 0x01) used += 1 + (bytes[at + used] ?? 0) // extension
  return used
}
