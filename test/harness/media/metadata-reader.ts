/**
 * Reads timed metadata out of segments as a player would: ID3 in a transport stream, event messages in fragmented MP4.
 *
 * Written from the specifications alone and apart from the muxers, so that it can disagree with them.
 */
import assert from 'node:assert/strict'
import type { ContainerFormat } from '../../../src/domain/channel.ts'
import { readMessages, walkBoxes } from './box-walker.ts'
import { walkTs } from './ts-walker.ts'

/** One piece. */
export type ReadMetadata = {
  /** Media time, 90 kHz. */
  readonly ticks: number
  readonly frame: string
  readonly owner: string
  readonly text: string
}

const ID3_STREAM_TYPE = 0x15
/** Transport streams count from one second before media time zero. */
const TS_SHIFT_TICKS = 90_000
const STANDARD_SCHEME = 'https://aomedia.org/emsg/ID3'
const TAG_HEADER_BYTES = 10
const FRAME_HEADER_BYTES = 10

/** The pieces in a segment, in file order. */
export function readMetadata(segment: Buffer, container: ContainerFormat): ReadMetadata[] {
  return container === 'TS' ? readFromTs(segment) : readFromMp4(segment)
}

function readFromTs(segment: Buffer): ReadMetadata[] {
  const { pmts, pes } = walkTs(segment)
  const line = pmts[0]?.streams.find(({ streamType }) => streamType === ID3_STREAM_TYPE)
  assert(line, 'a metadata stream is announced')
  return pes
    .filter(({ pid }) => pid === line.pid)
    .map(({ ptsTicks, body }) => ({ ticks: ptsTicks - TS_SHIFT_TICKS, ...readTag(body) }))
}

function readFromMp4(segment: Buffer): ReadMetadata[] {
  return readMessages(walkBoxes(segment))
    .filter(({ scheme }) => scheme === STANDARD_SCHEME)
    .map(({ time, message }) => ({ ticks: time, ...readTag(message) }))
}

function readTag(tag: Buffer): Omit<ReadMetadata, 'ticks'> {
  assert.equal(tag.toString('latin1', 0, 3), 'ID3')
  const end = TAG_HEADER_BYTES + syncSafe(tag, 6)
  const frame = tag.toString('latin1', 10, 14)
  const content = tag.subarray(TAG_HEADER_BYTES + FRAME_HEADER_BYTES, end)
  assert.equal(content.length, syncSafe(tag, 14), 'one frame')
  const named = frame === 'TXXX' ? content.subarray(1) : content
  const nameEnd = named.indexOf(0)
  return { frame, owner: named.toString('latin1', 0, nameEnd), text: named.toString('utf8', nameEnd + 1) }
}

function syncSafe(bytes: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((size, index) => size * 128 + bytes.readUInt8(at + index), 0)
}
