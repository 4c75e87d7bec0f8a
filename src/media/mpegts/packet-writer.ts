/**
 * Lays payloads out as transport packets in one buffer of exact size.
 *
 * A payload is first composed in one piece at the very end of the room its packets will take (`reserve`), then moved
 * forward into them (`spread`): every byte is copied once more, but in place, and nothing else is allocated.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.2 (packet), §2.4.3.4 (adaptation field).
 */
import { putPcr } from './timestamps.ts'

/** Size of every transport packet. */
export const TS_PACKET_BYTES = 188

const HEADER_BYTES = 4
const ROOM_BYTES = TS_PACKET_BYTES - HEADER_BYTES
const SYNC_BYTE = 0x47
const UNIT_START = 0x40
const HAS_PAYLOAD = 0x10
const HAS_ADAPTATION = 0x20
const PCR_FLAG = 0x10
const RANDOM_ACCESS_FLAG = 0x40
/** Length, flags and the six bytes of the clock. */
const PCR_ADAPTATION_BYTES = 8

/** One PID and the continuity counter that its next packet with payload carries. */
export type PacketStream = { readonly pid: number; continuityCounter: number }

/** What the first packet of a payload says besides its payload. */
export type PayloadStart = {
  /** Program clock, 90 kHz before the wrap; undefined writes none. */
  readonly clockTicks: number | undefined
  /** Whether decoding can start here; only written together with a clock. */
  readonly randomAccess: boolean
}

/** Bytes that `payloadBytes` > 0 of payload take as packets, the first with a clock or not. */
export function packetsBytes(payloadBytes: number, withClock: boolean): number {
  const adaptationBytes = withClock ? PCR_ADAPTATION_BYTES : 0
  return Math.ceil((payloadBytes + adaptationBytes) / ROOM_BYTES) * TS_PACKET_BYTES
}

/** Fills one buffer with packets, front to back. */
export class PacketWriter {
  readonly #out: Buffer
  #offset = 0
  #payloadStart = 0
  #payloadEnd = 0

  constructor(sizeBytes: number) {
    this.#out = Buffer.allocUnsafeSlow(sizeBytes)
  }

  /** The buffer being filled; payloads are composed straight into it. */
  get out(): Buffer {
    return this.#out
  }

  /** Appends packets that are ready as they are. */
  append(packets: Uint8Array): void {
    this.#out.set(packets, this.#offset)
    this.#offset += packets.length
  }

  /** Appends one packet that carries the clock and no payload, so its counter does not move (§2.4.3.3). */
  appendClock(stream: PacketStream, clockTicks: number): void {
    const at = this.#offset
    const counter = (stream.continuityCounter + 15) & 15
    putHeader(this.#out, at, stream.pid >> 8, stream.pid, HAS_ADAPTATION | counter)
    this.#putAdaptation(at + HEADER_BYTES, ROOM_BYTES, { clockTicks, randomAccess: false })
    this.#offset = at + TS_PACKET_BYTES
  }

  /** Makes room for a payload; the caller then writes its `payloadBytes` bytes from the returned offset of `out` on. */
  reserve(payloadBytes: number, withClock: boolean): number {
    this.#payloadEnd = this.#offset + packetsBytes(payloadBytes, withClock)
    this.#payloadStart = this.#payloadEnd - payloadBytes
    return this.#payloadStart
  }

  /** Turns the payload composed in the reserved room into packets of `stream`. */
  spread(stream: PacketStream, start: PayloadStart): void {
    const out = this.#out
    const end = this.#payloadEnd
    const pidHigh = stream.pid >> 8
    let from = this.#spreadFirst(stream, this.#payloadStart, start)
    let counter = (stream.continuityCounter + 1) & 15
    let at = this.#offset + TS_PACKET_BYTES
    // What is read always lies at or behind what is written: later packets only add bytes to the payload.
    for (const last = end - TS_PACKET_BYTES; at < last; at += TS_PACKET_BYTES) {
      putHeader(out, at, pidHigh, stream.pid, HAS_PAYLOAD | counter)
      out.copyWithin(at + HEADER_BYTES, from, from + ROOM_BYTES)
      from += ROOM_BYTES
      counter = (counter + 1) & 15
    }
    if (at < end) {
      // The rest ends where its packet ends: it is in place already, and stuffing fills the room before it.
      const stuffingBytes = from - at - HEADER_BYTES
      const control = stuffingBytes > 0 ? HAS_PAYLOAD | HAS_ADAPTATION : HAS_PAYLOAD
      putHeader(out, at, pidHigh, stream.pid, control | counter)
      if (stuffingBytes > 0) this.#putAdaptation(at + HEADER_BYTES, stuffingBytes, NO_CLOCK)
      counter = (counter + 1) & 15
    }
    stream.continuityCounter = counter
    this.#offset = end
  }

  /** Returns where the rest of the payload begins. */
  #spreadFirst(stream: PacketStream, from: number, start: PayloadStart): number {
    const at = this.#offset
    const leastAdaptation = start.clockTicks === undefined ? 0 : PCR_ADAPTATION_BYTES
    const bodyBytes = Math.min(this.#payloadEnd - from, ROOM_BYTES - leastAdaptation)
    const adaptationBytes = ROOM_BYTES - bodyBytes
    this.#out.copyWithin(at + TS_PACKET_BYTES - bodyBytes, from, from + bodyBytes)
    const control = adaptationBytes > 0 ? HAS_PAYLOAD | HAS_ADAPTATION : HAS_PAYLOAD
    putHeader(this.#out, at, UNIT_START | (stream.pid >> 8), stream.pid, control | stream.continuityCounter)
    if (adaptationBytes > 0) this.#putAdaptation(at + HEADER_BYTES, adaptationBytes, start)
    return from + bodyBytes
  }

  /** An adaptation field of exactly `sizeBytes` ≥ 1, filled up with stuffing. */
  #putAdaptation(at: number, sizeBytes: number, start: PayloadStart): void {
    const out = this.#out
    out[at] = sizeBytes - 1
    if (sizeBytes === 1) return
    if (start.clockTicks === undefined) {
      out[at + 1] = 0
      stuff(out, at + 2, at + sizeBytes)
      return
    }
    out[at + 1] = PCR_FLAG | (start.randomAccess ? RANDOM_ACCESS_FLAG : 0)
    putPcr(out, at + 2, start.clockTicks)
    stuff(out, at + PCR_ADAPTATION_BYTES, at + sizeBytes)
  }
}

const NO_CLOCK: PayloadStart = { clockTicks: undefined, randomAccess: false }

function putHeader(out: Buffer, at: number, high: number, pid: number, control: number): void {
  out[at] = SYNC_BYTE
  out[at + 1] = high
  out[at + 2] = pid
  out[at + 3] = control
}

// A loop: for so few bytes the call of a built-in costs more than the work.
function stuff(out: Buffer, from: number, to: number): void {
  for (let at = from; at < to; at++) out[at] = 0xff
}
