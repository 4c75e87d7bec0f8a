/**
 * Writes an FLV stream of one H.264 and one AAC track, as a demuxer at the end of a pipe wants it.
 *
 * Every function gives the pieces of one tag, payloads as they came and not copied, for one gathering write. The order
 * is the caller's: header, sequence headers, then units in decode order; a sequence header may come again when a track
 * changes. There is no metadata tag: whoever reads on takes sizes and rates from the sequence headers.
 *
 * FLV counts whole milliseconds, so times are rounded here. `picture-order.ts` gets the exact ones back.
 *
 * Spec: Adobe FLV 10.1 §E.2 (header), §E.4.1 (tag), §E.4.2 (audio), §E.4.3 (video).
 */
import { rescaleTicks } from '../../base/ticks.ts'
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { AccessUnit, MediaTrack } from '../access-unit.ts'

/** Largest access unit that the 24-bit size of a tag leaves room for. */
export const MAX_FLV_UNIT_BYTES: number = 0xff_ffff - 5

/** The file header; readers wait for the kinds that it announces. */
export function flvHeader(kinds: { readonly video: boolean; readonly audio: boolean }): Buffer {
  const flags = (kinds.audio ? 4 : 0) | (kinds.video ? 1 : 0)
  // Version 1, nine bytes of header, and the size of the tag before the first, which is none.
  return Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0])
}

/** What units of `track` need to be decoded, valid from `dtsTicks` on. */
export function flvSequenceHeader(track: MediaTrack, dtsTicks: number): Uint8Array[] {
  const timeMs = ticksToMs(dtsTicks)
  if (track.kind === 'audio') return tag({ type: TAG.audio, timeMs, head: [AAC, 0] }, track.aac.asc)
  return tag({ type: TAG.video, timeMs, head: [AVC_KEYFRAME, 0, 0, 0, 0] }, track.avc.record)
}

/** One coded picture or audio frame; nothing when it is larger than `MAX_FLV_UNIT_BYTES`. */
export function flvUnit(unit: AccessUnit): Uint8Array[] {
  if (unit.data.length > MAX_FLV_UNIT_BYTES) return []
  const timeMs = ticksToMs(unit.dtsTicks)
  if (unit.kind === 'audio') return tag({ type: TAG.audio, timeMs, head: [AAC, 1] }, unit.data)
  const frameType = unit.keyframe ? AVC_KEYFRAME : AVC_INTER
  const offsetMs = clampSigned24(ticksToMs(unit.ptsTicks) - timeMs)
  const head = [frameType, 1, (offsetMs >> 16) & 255, (offsetMs >> 8) & 255, offsetMs & 255]
  return tag({ type: TAG.video, timeMs, head }, unit.data)
}

const TAG = { audio: 8, video: 9 } as const
const AVC_KEYFRAME = 0x17
const AVC_INTER = 0x27
/** AAC; the fields behind it are fixed, the sequence header tells the truth. */
const AAC = 0xaf
const TAG_HEADER_BYTES = 11
const TAG_SIZE_BYTES = 4

type TagFields = { readonly type: number; readonly timeMs: number; readonly head: readonly number[] }

function tag({ type, timeMs, head }: TagFields, payload: Uint8Array): Uint8Array[] {
  const bodyAt = TAG_HEADER_BYTES + head.length
  const bodyBytes = head.length + payload.length
  const frame = Buffer.allocUnsafe(bodyAt + TAG_SIZE_BYTES)
  frame.writeUInt8(type, 0)
  frame.writeUIntBE(bodyBytes, 1, 3)
  // The low 24 bits of the time come first and its highest 8 behind them; a time before zero is in two's complement.
  frame.writeUIntBE(timeMs & 0xff_ffff, 4, 3)
  frame.writeUInt8((timeMs >>> 24) & 255, 7)
  frame.fill(0, 8, TAG_HEADER_BYTES)
  frame.set(head, TAG_HEADER_BYTES)
  frame.writeUInt32BE(TAG_HEADER_BYTES + bodyBytes, bodyAt)
  return [frame.subarray(0, bodyAt), payload, frame.subarray(bodyAt)]
}

function ticksToMs(ticks: number): number {
  return rescaleTicks(ticks, MEDIA_TIMESCALE, 1000)
}

function clampSigned24(value: number): number {
  return Math.max(-0x80_0000, Math.min(0x7f_ffff, value))
}
