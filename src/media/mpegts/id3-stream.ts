/**
 * Timed metadata as an elementary stream: how the PMT announces it, and one PES packet with an ID3 tag for each piece.
 *
 * Spec: ISO/IEC 13818-1 §2.6.58 to §2.6.61 (metadata descriptors), §2.12.3 (metadata in PES packets); Timed Metadata §2.3.
 */
import { id3Tag } from '../id3/id3-tag.ts'
import { MAX_METADATA_PAYLOAD_BYTES } from '../timed-metadata.ts'
import type { TimedMetadata } from '../timed-metadata.ts'
import { PES_STREAM_ID, pesHeaderBytes, putPesHeader } from './pes-header.ts'
import { PROGRAM_NUMBER, TS_PID, TS_STREAM_TYPE } from './psi.ts'
import type { ProgramStream } from './psi.ts'

const ID3 = [0x49, 0x44, 0x33, 0x20]
/** Application format and metadata format, each by the registered identifier, then the number of the one service. */
const ID3_SERVICE = [0xff, 0xff, ...ID3, 0xff, ...ID3, 0]

/** Descriptors of a program with metadata: that ID3 lies in this program (metadata_pointer_descriptor). */
export const ID3_PROGRAM_DESCRIPTORS: readonly number[] = descriptor(0x25, [
  ...ID3_SERVICE,
  // No locator; carried in this transport stream, in this program.
  0x1f,
  PROGRAM_NUMBER >> 8,
  PROGRAM_NUMBER & 255,
])

/** The metadata stream's line in the PMT, with what it holds (metadata_descriptor). */
export const ID3_STREAM: ProgramStream = {
  streamType: TS_STREAM_TYPE.metadata,
  pid: TS_PID.metadata,
  // No decoder configuration.
  descriptors: descriptor(0x26, [...ID3_SERVICE, 0x0f]),
}

/** PES packets of all pieces, their times later by `shiftTicks`. */
export function id3PesPayloads(metadata: readonly TimedMetadata[], shiftTicks: number): Buffer[] {
  return metadata
    .filter(({ payload }) => payload.length <= MAX_METADATA_PAYLOAD_BYTES)
    .map((piece) => pesPayload(id3Tag(piece), piece.ptsTicks + shiftTicks))
}

function pesPayload(tag: Buffer, ptsTicks: number): Buffer {
  const headerBytes = pesHeaderBytes(false)
  const payload = Buffer.allocUnsafe(headerBytes + tag.length)
  putPesHeader(payload, 0, {
    streamId: PES_STREAM_ID.metadata,
    ptsTicks,
    dtsTicks: ptsTicks,
    bodyBytes: tag.length,
  })
  payload.set(tag, headerBytes)
  return payload
}

function descriptor(tag: number, body: readonly number[]): number[] {
  return [tag, body.length, ...body]
}
