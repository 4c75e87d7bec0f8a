/**
 * H.264 pictures as a transport stream wants them: start codes, a delimiter first, parameter sets before keyframes.
 *
 * A length prefix and a start code are both four bytes, so a picture is copied whole and patched in place.
 *
 * Spec: ISO/IEC 13818-1 §2.14 (delimiter in every access unit); ITU-T H.264 Annex B, §7.4.1.2.3 (order).
 */
import type { AvcConfig } from '../codec/avc.ts'
import { AVC_NAL, hasNalType, NAL_LENGTH_BYTES } from '../codec/avc-nal.ts'
import type { AccessUnit } from '../access-unit.ts'

/** How one picture is put: bytes in front, and how much of its own data they replace. */
export type AvcLayout = {
  readonly prefix: Uint8Array
  /** Bytes of the data that are left out at its front: a delimiter that the prefix replaces. */
  readonly skipBytes: number
}

/** Decides what each picture of one track needs in front of it. */
export class AvcStream {
  readonly #delimited: AvcLayout = { prefix: NOTHING, skipBytes: 0 }
  readonly #delimiter: AvcLayout = { prefix: DELIMITER, skipBytes: 0 }
  readonly #parameterSets: AvcLayout

  constructor(avc: AvcConfig) {
    const nals = [...avc.sps, ...avc.pps].flatMap((nal) => [START_CODE, nal])
    this.#parameterSets = { prefix: Buffer.concat([DELIMITER, ...nals]), skipBytes: 0 }
  }

  /** The layout of `unit`; parameter sets come along when a keyframe does not bring both kinds itself. */
  layout(unit: AccessUnit): AvcLayout {
    const delimited = nalTypeAt(unit.data, NAL_LENGTH_BYTES) === AVC_NAL.accessUnitDelimiter
    if (unit.keyframe && !bringsParameterSets(unit.data)) {
      if (!delimited) return this.#parameterSets
      return { prefix: this.#parameterSets.prefix, skipBytes: firstNalEnd(unit.data) }
    }
    return delimited ? this.#delimited : this.#delimiter
  }
}

/** Bytes that `data` takes as a byte stream. */
export function avcStreamBytes(data: Uint8Array, layout: AvcLayout): number {
  return layout.prefix.length + data.length - layout.skipBytes
}

/** Writes `data` as a byte stream at `at`. A damaged length ends the patching, never the call. */
export function putAvcStream(out: Buffer, at: number, data: Uint8Array, layout: AvcLayout): void {
  const prefix = layout.prefix
  for (let i = 0; i < prefix.length; i++) out[at + i] = prefix[i] ?? 0
  let nal = at + prefix.length
  out.set(layout.skipBytes === 0 ? data : data.subarray(layout.skipBytes), nal)
  const end = nal + data.length - layout.skipBytes
  while (nal + NAL_LENGTH_BYTES <= end) {
    const lengthBytes = readU32(out, nal)
    out[nal] = 0
    out[nal + 1] = 0
    out[nal + 2] = 0
    out[nal + 3] = 1
    nal += NAL_LENGTH_BYTES + lengthBytes
  }
}

const NOTHING = new Uint8Array(0)
const START_CODE = Buffer.from([0, 0, 0, 1])
// primary_pic_type 7: slices of any type.
const DELIMITER = Buffer.concat([START_CODE, Buffer.from([AVC_NAL.accessUnitDelimiter, 0xf0])])

function bringsParameterSets(data: Uint8Array): boolean {
  return hasNalType(data, AVC_NAL.sps) && hasNalType(data, AVC_NAL.pps)
}

function firstNalEnd(data: Uint8Array): number {
  return Math.min(data.length, NAL_LENGTH_BYTES + readU32(data, 0))
}

function nalTypeAt(data: Uint8Array, at: number): number {
  return (data[at] ?? 0) & 0x1f
}

function readU32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
