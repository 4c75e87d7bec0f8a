/**
 * Reads a transport stream packet by packet and fails at the first thing a strict reader would not accept.
 *
 * Written from ISO/IEC 13818-1 alone and apart from the muxer, so that it can disagree with it.
 */
import assert from 'node:assert/strict'

/** One PES packet, put together again. */
export type WalkedPes = {
  readonly pid: number
  readonly streamId: number
  readonly ptsTicks: number
  readonly dtsTicks: number
  readonly randomAccess: boolean
  /** Clock in its first packet. */
  readonly clockTicks: number | undefined
  readonly body: Buffer
}

/** One program map table. */
export type WalkedPmt = {
  readonly version: number
  readonly clockPid: number
  /** Descriptors of the program, in hexadecimal. */
  readonly descriptors: string
  readonly streams: readonly WalkedStreamLine[]
}

/** One stream of a program map table; its descriptors in hexadecimal. */
export type WalkedStreamLine = {
  readonly streamType: number
  readonly pid: number
  readonly descriptors: string
}

/** Everything that was found, in order. */
export type WalkedStream = {
  readonly packets: number
  readonly pids: readonly number[]
  readonly pmts: readonly WalkedPmt[]
  readonly pes: readonly WalkedPes[]
  readonly clocks: readonly { readonly pid: number; readonly ticks: number }[]
}

type OpenPes = { readonly start: Packet; readonly pieces: Buffer[] }

type Packet = {
  readonly pid: number
  readonly unitStart: boolean
  readonly randomAccess: boolean
  readonly clockTicks: number | undefined
  readonly counter: number
  readonly payload: Buffer | undefined
}

const PACKET_BYTES = 188

/** Walks `bytes`; continuity is checked over all of them. */
export function walkTs(bytes: Buffer): WalkedStream {
  assert.equal(bytes.length % PACKET_BYTES, 0, 'whole packets')
  const counters = new Map<number, number>()
  const open = new Map<number, OpenPes>()
  const pids: number[] = []
  const pmts: WalkedPmt[] = []
  const pes: WalkedPes[] = []
  const clocks: { pid: number; ticks: number }[] = []
  let pmtPid = -1
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    const packet = readPacket(bytes.subarray(at, at + PACKET_BYTES))
    pids.push(packet.pid)
    checkContinuity(counters, packet)
    if (packet.clockTicks !== undefined) clocks.push({ pid: packet.pid, ticks: packet.clockTicks })
    if (!packet.payload) continue
    if (packet.pid === 0) pmtPid = readPat(packet)
    else if (packet.pid === pmtPid) pmts.push(readPmt(packet))
    else if (packet.unitStart) {
      const before = open.get(packet.pid)
      if (before) pes.push(readPes(before))
      open.set(packet.pid, { start: packet, pieces: [packet.payload] })
    } else {
      const current = open.get(packet.pid)
      assert(current, 'payload before the first unit start')
      current.pieces.push(packet.payload)
    }
  }
  for (const rest of open.values()) pes.push(readPes(rest))
  return { packets: bytes.length / PACKET_BYTES, pids, pmts, pes, clocks }
}

/** NAL units of a byte stream; fails unless every one has a start code of four bytes. */
export function readAnnexB(bytes: Buffer): Buffer[] {
  const startCode = Buffer.from([0, 0, 0, 1])
  const nals: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    assert(bytes.subarray(at, at + 4).equals(startCode), `start code at ${at}`)
    const next = bytes.indexOf(startCode, at + 4)
    const end = next === -1 ? bytes.length : next
    nals.push(bytes.subarray(at + 4, end))
    at = end
  }
  return nals
}

/** One AAC frame with what its ADTS header says. */
export type WalkedAdtsFrame = {
  readonly profile: number
  readonly samplingFrequencyIndex: number
  readonly channelConfiguration: number
  readonly body: Buffer
}

/** Frames of an ADTS stream (ISO/IEC 14496-3 §1.A.3.2). */
export function readAdts(bytes: Buffer): WalkedAdtsFrame[] {
  const frames: WalkedAdtsFrame[] = []
  let at = 0
  while (at < bytes.length) {
    assert.equal(bytes.readUInt16BE(at), 0xfff1, 'sync word, MPEG-4, no checksum')
    const bits = bytes.readUIntBE(at + 2, 5)
    const field = (shift: number, width: number): number => Math.floor(bits / 2 ** shift) % 2 ** width
    const frameBytes = field(13, 13)
    assert(frameBytes > 7 && at + frameBytes <= bytes.length, 'frame length')
    assert.equal(field(0, 2), 0, 'one raw block')
    frames.push({
      profile: field(38, 2),
      samplingFrequencyIndex: field(34, 4),
      channelConfiguration: field(30, 3),
      body: bytes.subarray(at + 7, at + frameBytes),
    })
    at += frameBytes
  }
  return frames
}

function readPacket(bytes: Buffer): Packet {
  assert.equal(bytes[0], 0x47, 'sync byte')
  const second = bytes.readUInt16BE(1)
  assert.equal(second & 0x8000, 0, 'no transport error')
  const control = bytes.readUInt8(3)
  assert.equal(control & 0xc0, 0, 'not scrambled')
  const hasAdaptation = (control & 0x20) !== 0
  const hasPayload = (control & 0x10) !== 0
  assert(hasAdaptation || hasPayload, 'reserved adaptation field control')
  const adaptationBytes = hasAdaptation ? bytes.readUInt8(4) + 1 : 0
  const adaptation = readAdaptation(bytes.subarray(4, 4 + adaptationBytes))
  if (hasPayload) assert(4 + adaptationBytes < PACKET_BYTES, 'payload is not empty')
  else assert.equal(4 + adaptationBytes, PACKET_BYTES, 'adaptation field fills the packet')
  return {
    pid: second & 0x1fff,
    unitStart: (second & 0x4000) !== 0,
    counter: control & 15,
    payload: hasPayload ? bytes.subarray(4 + adaptationBytes) : undefined,
    ...adaptation,
  }
}

function readAdaptation(field: Buffer): Pick<Packet, 'randomAccess' | 'clockTicks'> {
  if (field.length < 2) return { randomAccess: false, clockTicks: undefined }
  const flags = field.readUInt8(1)
  assert.equal(flags & ~0x50, 0, 'only random access and clock')
  const hasClock = (flags & 0x10) !== 0
  const stuffing = field.subarray(hasClock ? 8 : 2)
  assert(
    stuffing.every((byte) => byte === 0xff),
    'stuffing bytes',
  )
  if (!hasClock) return { randomAccess: (flags & 0x40) !== 0, clockTicks: undefined }
  const low = field.readUInt16BE(6)
  assert.equal(low & 0x7e00, 0x7e00, 'reserved bits of the clock')
  assert.equal(low & 0x1ff, 0, 'clock extension')
  return { randomAccess: (flags & 0x40) !== 0, clockTicks: field.readUInt32BE(2) * 2 + (low >> 15) }
}

function checkContinuity(counters: Map<number, number>, packet: Packet): void {
  const before = counters.get(packet.pid)
  const step = packet.payload ? 1 : 0
  if (before !== undefined)
    assert.equal(packet.counter, (before + step) & 15, `continuity of PID ${packet.pid}`)
  counters.set(packet.pid, packet.counter)
}

function readSection(packet: Packet, tableId: number): Buffer {
  const payload = packet.payload ?? Buffer.alloc(0)
  assert(packet.unitStart, 'a section starts its packet')
  assert.equal(payload[0], 0, 'pointer field')
  assert.equal(payload[1], tableId, 'table id')
  const length = payload.readUInt16BE(2)
  assert.equal(length & 0xf000, 0xb000, 'section syntax')
  const end = 4 + (length & 0xfff)
  const section = payload.subarray(1, end)
  assert.equal(mpegCrc(section), 0, 'section checksum')
  assert(
    payload.subarray(end).every((byte) => byte === 0xff),
    'stuffing after the section',
  )
  assert.equal(section[6], 0, 'section number')
  assert.equal(section[7], 0, 'last section number')
  return section
}

function readPat(packet: Packet): number {
  const section = readSection(packet, 0)
  assert.equal(section.length, 16, 'one program')
  assert.equal(section.readUInt16BE(8), 1, 'program number')
  return section.readUInt16BE(10) & 0x1fff
}

function readPmt(packet: Packet): WalkedPmt {
  const section = readSection(packet, 2)
  assert.equal(section.readUInt16BE(3), 1, 'program number')
  const descriptors = readDescriptors(section, 10)
  const streams: WalkedStreamLine[] = []
  let at = 12 + descriptors.length / 2
  while (at < section.length - 4) {
    const line = { streamType: section.readUInt8(at), pid: section.readUInt16BE(at + 1) & 0x1fff }
    streams.push({ ...line, descriptors: readDescriptors(section, at + 3) })
    at += 5 + readDescriptors(section, at + 3).length / 2
  }
  assert.equal(at, section.length - 4, 'stream lines fill the section')
  return {
    version: (section.readUInt8(5) >> 1) & 31,
    clockPid: section.readUInt16BE(8) & 0x1fff,
    descriptors,
    streams,
  }
}

/** The descriptors behind a length of 12 bits, which they fill exactly. */
function readDescriptors(section: Buffer, lengthAt: number): string {
  assert.equal(section.readUInt8(lengthAt) & 0xf0, 0xf0, 'reserved bits')
  const end = lengthAt + 2 + (section.readUInt16BE(lengthAt) & 0xfff)
  let at = lengthAt + 2
  while (at < end) at += 2 + section.readUInt8(at + 1)
  assert.equal(at, end, 'descriptors fill their room')
  return section.toString('hex', lengthAt + 2, end)
}

function readPes({ start, pieces }: OpenPes): WalkedPes {
  const bytes = Buffer.concat(pieces)
  assert(pieces[0] && pieces[0].length >= 14, 'the header lies in the first packet')
  assert.equal(bytes.readUIntBE(0, 3), 1, 'start code prefix')
  const streamId = bytes.readUInt8(3)
  const lengthField = bytes.readUInt16BE(4)
  if (lengthField === 0) assert.equal(streamId & 0xf0, 0xe0, 'only video may leave its length open')
  else assert.equal(lengthField, bytes.length - 6, 'PES length')
  assert.equal(bytes.readUInt8(6) & 0xf4, 0x84, 'marker bits, not scrambled, aligned')
  const withDts = bytes.readUInt8(7) === 0xc0
  assert(withDts || bytes.readUInt8(7) === 0x80, 'timestamp flags')
  const headerBytes = 9 + bytes.readUInt8(8)
  assert.equal(headerBytes, withDts ? 19 : 14, 'header length')
  const ptsTicks = readTimestamp(bytes, 9, withDts ? 3 : 2)
  return {
    pid: start.pid,
    streamId,
    ptsTicks,
    dtsTicks: withDts ? readTimestamp(bytes, 14, 1) : ptsTicks,
    randomAccess: start.randomAccess,
    clockTicks: start.clockTicks,
    body: bytes.subarray(headerBytes),
  }
}

function readTimestamp(bytes: Buffer, at: number, mark: number): number {
  const high = bytes.readUInt8(at)
  const middle = bytes.readUInt16BE(at + 1)
  const low = bytes.readUInt16BE(at + 3)
  assert.equal(high >> 4, mark, 'timestamp mark')
  assert.equal(high & middle & low & 1, 1, 'marker bits')
  return ((high >> 1) & 7) * 2 ** 30 + (middle >> 1) * 2 ** 15 + (low >> 1)
}

/** The remainder of a section with its checksum; 0 when whole (ISO/IEC 13818-1 Annex A). */
export function mpegCrc(bytes: Uint8Array): number {
  let register = 0xffff_ffffn
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = (register >> 31n) ^ BigInt((byte >> bit) & 1)
      register = (register << 1n) & 0xffff_ffffn
      if (feedback) register ^= 0x04c1_1db7n
    }
  }
  return Number(register)
}
