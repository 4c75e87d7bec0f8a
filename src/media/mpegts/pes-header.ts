/**
 * The header of a PES packet: which stream, how long, and when.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.6.
 */
import { putTimestamp } from './timestamps.ts'

/** Stream ids of the first video, the first audio and the private stream (ISO/IEC 13818-1 Table 2-22). */
export const PES_STREAM_ID = { video: 0xe0, audio: 0xc0, metadata: 0xbd } as const

const FIXED_BYTES = 9
const TIMESTAMP_BYTES = 5

/** Size of the header with one timestamp or with two. */
export function pesHeaderBytes(withDts: boolean): number {
  return FIXED_BYTES + (withDts ? 2 : 1) * TIMESTAMP_BYTES
}

/** What a PES header says; times are 90 kHz before the wrap. */
export type PesHeader = {
  readonly streamId: number
  readonly ptsTicks: number
  /** Equal to `ptsTicks`: not written. */
  readonly dtsTicks: number
  /** Bytes after the header; 0 leaves the length open, as only video may. */
  readonly bodyBytes: number
}

/** Writes the header at `at`; returns the offset behind it. */
export function putPesHeader(out: Uint8Array, at: number, header: PesHeader): number {
  const withDts = header.dtsTicks !== header.ptsTicks
  const timestampBytes = withDts ? 2 * TIMESTAMP_BYTES : TIMESTAMP_BYTES
  const lengthField = header.bodyBytes === 0 ? 0 : header.bodyBytes + 3 + timestampBytes
  out[at] = 0
  out[at + 1] = 0
  out[at + 2] = 1
  out[at + 3] = header.streamId
  out[at + 4] = lengthField >> 8
  out[at + 5] = lengthField
  // Marker bits and data_alignment_indicator: an access unit begins right behind the header.
  out[at + 6] = 0x84
  out[at + 7] = withDts ? 0xc0 : 0x80
  out[at + 8] = timestampBytes
  putTimestamp(out, at + FIXED_BYTES, withDts ? 3 : 2, header.ptsTicks)
  if (withDts) putTimestamp(out, at + FIXED_BYTES + TIMESTAMP_BYTES, 1, header.dtsTicks)
  return at + FIXED_BYTES + timestampBytes
}
