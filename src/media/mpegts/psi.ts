/**
 * The two tables at the head of every part: which program there is (PAT) and which streams it has (PMT).
 *
 * Spec: ISO/IEC 13818-1 §2.4.4.3 (PAT), §2.4.4.8 (PMT), Annex A (CRC).
 */
import { TS_PACKET_BYTES } from './packet-writer.ts'

/** PIDs of the one program; the same for every stream, so a player never has to look for them. */
export const TS_PID = { pat: 0, pmt: 0x1000, video: 0x100, audio: 0x101, metadata: 0x102 } as const

/** Kinds of elementary stream (ISO/IEC 13818-1 Table 2-34). */
export const TS_STREAM_TYPE = { avc: 0x1b, adtsAac: 0x0f, metadata: 0x15 } as const

/** Number of the one program. */
export const PROGRAM_NUMBER = 1
const TRANSPORT_STREAM_ID = 1
const CRC_BYTES = 4

/** One line of the PMT. */
export type ProgramStream = {
  readonly streamType: number
  readonly pid: number
  /** Descriptors of the stream, as bytes; none when left out. */
  readonly descriptors?: readonly number[]
}

/** What a PMT says. */
export type ProgramMap = {
  readonly streams: readonly ProgramStream[]
  /** PID that carries the clock. */
  readonly clockPid: number
  /** Counts modulo 32. */
  readonly version: number
  /** Descriptors of the program, as bytes; none when left out. */
  readonly descriptors?: readonly number[]
}

/** The PAT as one packet with continuity counter 0. */
export function buildPatPacket(): Buffer {
  const body = [...u16(PROGRAM_NUMBER), ...u16(0xe000 | TS_PID.pmt)]
  return sectionPacket(
    TS_PID.pat,
    section({ tableId: 0, tableIdExtension: TRANSPORT_STREAM_ID, version: 0, body }),
  )
}

/** The PMT as one packet with continuity counter 0. */
export function buildPmtPacket({ streams, clockPid, version, descriptors }: ProgramMap): Buffer {
  const lines = streams.flatMap((stream) => [
    stream.streamType,
    ...u16(0xe000 | stream.pid),
    ...withLength12(stream.descriptors),
  ])
  const body = [...u16(0xe000 | clockPid), ...withLength12(descriptors), ...lines]
  return sectionPacket(TS_PID.pmt, section({ tableId: 2, tableIdExtension: PROGRAM_NUMBER, version, body }))
}

type Section = {
  readonly tableId: number
  readonly tableIdExtension: number
  readonly version: number
  readonly body: readonly number[]
}

function section(fields: Section): Buffer {
  const afterLength = [
    ...u16(fields.tableIdExtension),
    0xc1 | ((fields.version & 31) << 1),
    0,
    0,
    ...fields.body,
  ]
  const bytes = [fields.tableId, ...u16(0xb000 | (afterLength.length + CRC_BYTES)), ...afterLength]
  const crc = crc32Mpeg(bytes)
  return Buffer.from([...bytes, ...u16(crc >>> 16), ...u16(crc & 0xffff)])
}

function sectionPacket(pid: number, sectionBytes: Buffer): Buffer {
  const packet = Buffer.alloc(TS_PACKET_BYTES, 0xff)
  // Sync byte, unit start and PID, payload only, pointer field: the section begins at once.
  packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0])
  packet.set(sectionBytes, 5)
  return packet
}

function withLength12(descriptors: readonly number[] = []): number[] {
  return [...u16(0xf000 | descriptors.length), ...descriptors]
}

function u16(value: number): [number, number] {
  return [value >> 8, value & 0xff]
}

/** Checksum of a section; 0 over one that holds its own. */
export function crc32Mpeg(bytes: Iterable<number>): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1
  }
  return crc >>> 0
}
