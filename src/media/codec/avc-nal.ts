/**
 * H.264 NAL units inside a payload: length-prefixed (FLV, ISO BMFF) and Annex B byte streams.
 *
 * The functions that run for every picture walk by offsets and touch only NAL headers.
 *
 * Spec: ITU-T H.264 §7.3.1 and Annex B; ISO/IEC 14496-15 §5.3.4.2 (length prefix).
 */
import { CodecError } from './codec-error.ts'

/** NAL unit types this server looks at (ITU-T H.264 Table 7-1). */
export const AVC_NAL = {
  slice: 1,
  idrSlice: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
  spsExtension: 13,
} as const

/** Bytes of the length prefix that every access unit of this server carries. */
export const NAL_LENGTH_BYTES = 4

/** Type of a NAL unit from its first byte; 0 for an empty one. */
export function nalType(nal: Uint8Array): number {
  return (nal[0] ?? 0) & 0x1f
}

/** NAL units of an access unit with 4-byte lengths, as views on `data`; stops quietly at a damaged length. */
export function* nalUnits(data: Uint8Array): Generator<Uint8Array, void, undefined> {
  let offset = 0
  while (offset + NAL_LENGTH_BYTES <= data.length) {
    const start = offset + NAL_LENGTH_BYTES
    const end = start + readLength(data, offset, NAL_LENGTH_BYTES)
    if (end > data.length) return
    yield data.subarray(start, end)
    offset = end
  }
}

/** Whether an access unit with 4-byte lengths holds a slice of an IDR picture. */
export function isIdr(data: Uint8Array): boolean {
  return hasNalType(data, AVC_NAL.idrSlice)
}

/** Whether a payload with 4-byte lengths holds any slice, so that it is a picture and not parameters alone. */
export function holdsPicture(data: Uint8Array): boolean {
  return holdsType(data, AVC_NAL.slice, AVC_NAL.idrSlice)
}

/** Whether an access unit with 4-byte lengths holds a NAL unit of `type`. */
export function hasNalType(data: Uint8Array, type: number): boolean {
  return holdsType(data, type, type)
}

function holdsType(data: Uint8Array, lowest: number, highest: number): boolean {
  let offset = 0
  while (offset + NAL_LENGTH_BYTES < data.length) {
    const start = offset + NAL_LENGTH_BYTES
    const type = (data[start] ?? 0) & 0x1f
    if (type >= lowest && type <= highest) return true
    offset = start + readLength(data, offset, NAL_LENGTH_BYTES)
  }
  return false
}

/**
 * The payload of one picture with every NAL unit after its length in 4 bytes.
 *
 * Returns `payload` itself when it has that form already. Otherwise rewrites it: other length sizes, start codes
 * instead of lengths (some encoders send Annex B inside FLV), empty NAL units and zero padding at the end.
 *
 * @param nalLengthSize 1 to 4, as the configuration record of the publisher says.
 * @throws {CodecError} `NAL_UNITS_INVALID` when it is neither form or holds no NAL unit.
 */
export function toLengthPrefixed(payload: Uint8Array, nalLengthSize: number): Uint8Array {
  const shape = lengthPrefixedShape(payload, nalLengthSize)
  if (shape === 'clean' && nalLengthSize === NAL_LENGTH_BYTES) return payload
  if (shape === 'broken' && !startsWithStartCode(payload)) {
    throw new CodecError('NAL_UNITS_INVALID', 'NAL unit lengths do not add up to the payload')
  }
  const nals = shape === 'broken' ? splitAnnexB(payload) : splitLengthPrefixed(payload, nalLengthSize)
  if (nals.length === 0) throw new CodecError('NAL_UNITS_INVALID', 'payload holds no NAL unit')
  return joinLengthPrefixed(nals)
}

/** NAL units one after another, each after its length in 4 bytes. */
export function joinLengthPrefixed(nals: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = nals.reduce((sum, nal) => sum + NAL_LENGTH_BYTES + nal.length, 0)
  const joined = Buffer.allocUnsafeSlow(sizeBytes)
  let offset = 0
  for (const nal of nals) {
    offset = joined.writeUInt32BE(nal.length, offset)
    joined.set(nal, offset)
    offset += nal.length
  }
  return joined
}

/**
 * NAL units of a byte stream with start codes, without the zero bytes around them; views on `bytes`.
 *
 * Bytes without any start code are one NAL unit, which is how parameter sets inside a record are cleaned: a NAL unit
 * neither contains a start code nor ends in a zero byte (ITU-T H.264 §7.4.1).
 */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const nals: Uint8Array[] = []
  let start = 0
  while (start < view.length) {
    const next = view.indexOf(START_CODE, start)
    const end = next === -1 ? view.length : next
    const nal = withoutTrailingZeros(view.subarray(start, end))
    if (nal.length > 0) nals.push(nal)
    start = end + START_CODE.length
  }
  return nals
}

/** Whether `bytes` open with a 3- or 4-byte start code. */
export function startsWithStartCode(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0 || bytes[1] !== 0) return false
  return bytes[2] === 1 || (bytes[2] === 0 && bytes[3] === 1)
}

const START_CODE = Buffer.from([0, 0, 1])

type Shape = 'clean' | 'needs-rewrite' | 'broken'

// Lengths are tried before start codes: 00 00 01 xx is also the length of an ordinary small slice.
function lengthPrefixedShape(payload: Uint8Array, nalLengthSize: number): Shape {
  let offset = 0
  let shape: Shape = payload.length === 0 ? 'needs-rewrite' : 'clean'
  while (offset < payload.length) {
    if (offset + nalLengthSize > payload.length) return isZero(payload, offset) ? 'needs-rewrite' : 'broken'
    const length = readLength(payload, offset, nalLengthSize)
    if (length === 0) shape = 'needs-rewrite'
    offset += nalLengthSize + length
    if (offset > payload.length) return 'broken'
  }
  return shape
}

function splitLengthPrefixed(payload: Uint8Array, nalLengthSize: number): Uint8Array[] {
  const nals: Uint8Array[] = []
  let offset = 0
  while (offset + nalLengthSize <= payload.length) {
    const start = offset + nalLengthSize
    offset = start + readLength(payload, offset, nalLengthSize)
    if (offset > start) nals.push(payload.subarray(start, offset))
  }
  return nals
}

function readLength(bytes: Uint8Array, offset: number, sizeBytes: number): number {
  let length = 0
  for (let i = 0; i < sizeBytes; i++) length = length * 256 + (bytes[offset + i] ?? 0)
  return length
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}
