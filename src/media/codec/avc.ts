/**
 * H.264 as it travels in FLV and ISO BMFF: the decoder configuration record.
 *
 * Reading is forgiving, writing is not: whatever form a publisher's parameter sets come in, the record here is always
 * the same normal form. NAL units of pictures are `avc-nal.ts`.
 *
 * Spec: ISO/IEC 14496-15 §5.3.3.1 (AVCDecoderConfigurationRecord); RFC 6381 §3.3 (codec string).
 */
import { AVC_NAL, NAL_LENGTH_BYTES, nalType, nalUnits, splitAnnexB, startsWithStartCode } from './avc-nal.ts'
import { parseSps } from './avc-sps.ts'
import type { AvcSps } from './avc-sps.ts'
import { BitReader } from './bit-reader.ts'
import { CodecError } from './codec-error.ts'

/** What the rest of the server needs to know of an H.264 track. */
export type AvcConfig = {
  /** AVCDecoderConfigurationRecord with 4-byte NAL lengths (ISO/IEC 14496-15 §5.3.3.1). */
  readonly record: Uint8Array
  /** Sequence parameter sets without start code; at least one. */
  readonly sps: readonly Uint8Array[]
  /** Picture parameter sets without start code; at least one. */
  readonly pps: readonly Uint8Array[]
  readonly profileIdc: number
  readonly constraintFlags: number
  readonly levelIdc: number
  /** Cropped picture size in pixels. */
  readonly width: number
  readonly height: number
  /** Frames a second from VUI timing, when present and plausible (1 to 300). */
  readonly frameRate: number | undefined
  /** RFC 6381 form, e.g. `avc1.64001F`. */
  readonly codecString: string
}

const RECORD_VERSION = 1
const RECORD_HEADER_BYTES = 6
const MAX_SPS_COUNT = 31
const MAX_PPS_COUNT = 255
const MAX_PARAMETER_SET_BYTES = 4096
/** Baseline, main and extended: the profiles whose record ends without the chroma and bit depth fields. */
const PROFILES_WITHOUT_EXTENSION: ReadonlySet<number> = new Set([66, 77, 88])

/**
 * Reads a decoder configuration record and normalises it.
 *
 * Tolerates start codes, several NAL units and zero padding inside a parameter set, a missing high-profile extension,
 * and Annex B parameter sets in place of the record.
 *
 * @throws {CodecError} when no usable SPS and PPS is in it.
 */
export function parseAvcConfig(record: Uint8Array): AvcConfig {
  const nals = startsWithStartCode(record) ? splitAnnexB(record) : readRecordEntries(record)
  return avcConfigFromParameterSets(nals.filter(isSps), nals.filter(isPps))
}

/**
 * Builds the configuration from parameter sets, the first SPS describing the pictures.
 *
 * The bytes are copied, so views on a larger buffer may be passed. Repeated sets are kept once.
 *
 * @throws {CodecError} when there is no SPS or PPS, or too many or too large ones.
 */
export function avcConfigFromParameterSets(
  spsViews: readonly Uint8Array[],
  ppsViews: readonly Uint8Array[],
): AvcConfig {
  const sps = distinctCopies(spsViews)
  const pps = distinctCopies(ppsViews)
  const [firstSps] = sps
  if (!firstSps || pps.length === 0) {
    throw new CodecError('CODEC_CONFIG_INVALID', `record has ${sps.length} SPS and ${pps.length} PPS`)
  }
  if (sps.length > MAX_SPS_COUNT || pps.length > MAX_PPS_COUNT) {
    throw new CodecError(
      'CODEC_CONFIG_INVALID',
      `too many parameter sets: ${sps.length} SPS, ${pps.length} PPS`,
    )
  }
  const facts = parseSps(firstSps)
  return {
    record: writeRecord(sps, pps, facts),
    sps,
    pps,
    profileIdc: facts.profileIdc,
    constraintFlags: facts.constraintFlags,
    levelIdc: facts.levelIdc,
    width: facts.width,
    height: facts.height,
    frameRate: facts.frameRate,
    codecString: `avc1.${hex2(facts.profileIdc)}${hex2(facts.constraintFlags)}${hex2(facts.levelIdc)}`,
  }
}

/** Bytes of the NAL length prefix that a publisher's record announces, 1 to 4; 4 for Annex B in its place. */
export function nalLengthSizeOf(record: Uint8Array): number {
  return startsWithStartCode(record) ? NAL_LENGTH_BYTES : ((record[4] ?? 3) & 3) + 1
}

/**
 * The configuration after the parameter sets inside `unit` took effect; `config` itself when they change nothing.
 *
 * A set replaces the one with its id (ITU-T H.264 §7.4.1.2.1). Sets that cannot be read are left out.
 *
 * @param unit one access unit with 4-byte NAL lengths, or undefined `config` when none was announced before.
 */
export function withInBandParameterSets(
  config: AvcConfig | undefined,
  unit: Uint8Array,
): AvcConfig | undefined {
  let sps = config?.sps ?? []
  let pps = config?.pps ?? []
  for (const nal of nalUnits(unit)) {
    const type = nalType(nal)
    if (type === AVC_NAL.sps) sps = withParameterSet(sps, nal)
    else if (type === AVC_NAL.pps) pps = withParameterSet(pps, nal)
  }
  if (sps === config?.sps && pps === config.pps) return config
  try {
    return avcConfigFromParameterSets(sps, pps)
  } catch (error) {
    if (error instanceof CodecError) return config
    throw error
  }
}

/** Whether two configurations hold the same parameter sets in the same order. */
export function sameAvcConfig(a: AvcConfig, b: AvcConfig): boolean {
  return a === b || equalBytes(a.record, b.record)
}

function readRecordEntries(record: Uint8Array): Uint8Array[] {
  if (record.length < RECORD_HEADER_BYTES + 1) {
    throw new CodecError('CODEC_CONFIG_TRUNCATED', `record of ${record.length} bytes is too short`)
  }
  if (record[0] !== RECORD_VERSION) {
    throw new CodecError('CODEC_CONFIG_UNSUPPORTED', `record version ${record[0] ?? 0} is unknown`)
  }
  const entries: Uint8Array[] = []
  let offset = RECORD_HEADER_BYTES - 1
  // First the count of SPS in 5 bits and those, then the count of PPS in 8 bits and those.
  for (const countMask of [0x1f, 0xff]) {
    const count = (record[offset++] ?? 0) & countMask
    for (let i = 0; i < count; i++) {
      const length = ((record[offset] ?? 0) << 8) | (record[offset + 1] ?? 0)
      const end = offset + 2 + length
      if (end > record.length)
        throw new CodecError('CODEC_CONFIG_TRUNCATED', 'record ends inside a parameter set')
      entries.push(...splitAnnexB(record.subarray(offset + 2, end)))
      offset = end
    }
  }
  return entries
}

function writeRecord(sps: readonly Uint8Array[], pps: readonly Uint8Array[], facts: AvcSps): Uint8Array {
  const head = [RECORD_VERSION, facts.profileIdc, facts.constraintFlags, facts.levelIdc]
  const extension = PROFILES_WITHOUT_EXTENSION.has(facts.profileIdc)
    ? []
    : [0xfc | facts.chromaFormatIdc, 0xf8 | (facts.bitDepthLuma - 8), 0xf8 | (facts.bitDepthChroma - 8), 0]
  return Buffer.concat([
    Buffer.from([...head, 0xfc | (NAL_LENGTH_BYTES - 1), 0xe0 | sps.length]),
    ...sps.flatMap(withLength16),
    Buffer.from([pps.length]),
    ...pps.flatMap(withLength16),
    Buffer.from(extension),
  ])
}

function withLength16(nal: Uint8Array): Uint8Array[] {
  return [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal]
}

function withParameterSet(sets: readonly Uint8Array[], added: Uint8Array): readonly Uint8Array[] {
  if (sets.some((known) => equalBytes(known, added))) return sets
  const id = parameterSetId(added)
  if (id === undefined) return sets
  const index = sets.findIndex((known) => parameterSetId(known) === id)
  return index === -1 ? [...sets, added] : sets.with(index, added)
}

function parameterSetId(nal: Uint8Array): number | undefined {
  // The id of an SPS follows profile, constraints and level; that of a PPS comes first.
  const start = nalType(nal) === AVC_NAL.sps ? 4 : 1
  try {
    return new BitReader(nal.subarray(start)).ue()
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

function distinctCopies(nals: readonly Uint8Array[]): Uint8Array[] {
  const copies: Uint8Array[] = []
  for (const nal of nals) {
    if (nal.length > MAX_PARAMETER_SET_BYTES) {
      throw new CodecError('CODEC_CONFIG_INVALID', `parameter set of ${nal.length} bytes is too large`)
    }
    if (!copies.some((copy) => equalBytes(copy, nal))) copies.push(Uint8Array.from(nal))
  }
  return copies
}

function isSps(nal: Uint8Array): boolean {
  return nalType(nal) === AVC_NAL.sps
}

function isPps(nal: Uint8Array): boolean {
  return nalType(nal) === AVC_NAL.pps
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function hex2(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
