/**
 * The H.264 sequence parameter set, as far as a server needs it: picture size, chroma format, frame rate.
 *
 * Spec: ITU-T H.264 §7.3.2.1.1 (SPS), §7.3.2.1.1.1 (scaling lists), §E.1.1 (VUI).
 */
import { BitReader } from './bit-reader.ts'
import { CodecError } from './codec-error.ts'

/** What an SPS says about the pictures that use it. */
export type AvcSps = {
  readonly profileIdc: number
  readonly constraintFlags: number
  readonly levelIdc: number
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormatIdc: number
  readonly bitDepthLuma: number
  readonly bitDepthChroma: number
  /** Cropped picture size in pixels. */
  readonly width: number
  readonly height: number
  /** Frames a second from VUI timing, when present and plausible (1 to 300). */
  readonly frameRate: number | undefined
}

type Format = Pick<AvcSps, 'chromaFormatIdc' | 'bitDepthLuma' | 'bitDepthChroma'> & {
  readonly separateColourPlanes: boolean
}

const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
])
const FORMAT_420: Format = {
  chromaFormatIdc: 1,
  bitDepthLuma: 8,
  bitDepthChroma: 8,
  separateColourPlanes: false,
}
const MAX_EDGE_PIXELS = 16_384
const MAX_REF_FRAMES_IN_CYCLE = 255
const EXTENDED_SAR = 255

/**
 * Reads a sequence parameter set.
 *
 * @param sps one NAL unit of type 7 without start code.
 * @throws {CodecError} when it is truncated before its picture size or holds impossible values.
 */
export function parseSps(sps: Uint8Array): AvcSps {
  const bits = new BitReader(unescape(sps))
  if ((bits.bits(8) & 0x1f) !== 7)
    throw new CodecError('CODEC_CONFIG_INVALID', 'not a sequence parameter set')
  const profileIdc = bits.bits(8)
  const constraintFlags = bits.bits(8)
  const levelIdc = bits.bits(8)
  bits.ue() // seq_parameter_set_id
  const format = HIGH_PROFILES.has(profileIdc) ? readFormat(bits) : FORMAT_420
  bits.ue() // log2_max_frame_num_minus4
  skipPictureOrderCount(bits)
  bits.ue() // max_num_ref_frames
  bits.skip(1) // gaps_in_frame_num_value_allowed_flag
  const size = readPictureSize(bits, format)
  const { chromaFormatIdc, bitDepthLuma, bitDepthChroma } = format
  return {
    profileIdc,
    constraintFlags,
    levelIdc,
    chromaFormatIdc,
    bitDepthLuma,
    bitDepthChroma,
    ...size,
    frameRate: readFrameRate(bits),
  }
}

function readFormat(bits: BitReader): Format {
  const chromaFormatIdc = bits.ue()
  if (chromaFormatIdc > 3) {
    throw new CodecError('CODEC_CONFIG_INVALID', `chroma format ${chromaFormatIdc} does not exist`)
  }
  const separateColourPlanes = chromaFormatIdc === 3 && bits.flag()
  const bitDepthLuma = 8 + bits.ue()
  const bitDepthChroma = 8 + bits.ue()
  if (bitDepthLuma > 14 || bitDepthChroma > 14) {
    throw new CodecError('CODEC_CONFIG_INVALID', `bit depth ${bitDepthLuma}/${bitDepthChroma} is above 14`)
  }
  bits.skip(1) // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) skipScalingLists(bits, chromaFormatIdc === 3 ? 12 : 8)
  return { chromaFormatIdc, bitDepthLuma, bitDepthChroma, separateColourPlanes }
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!bits.flag()) continue
    const sizeOfList = list < 6 ? 16 : 64
    let lastScale = 8
    let nextScale = 8
    for (let i = 0; i < sizeOfList && nextScale !== 0; i++) {
      nextScale = (lastScale + bits.se() + 256) & 0xff
      if (nextScale !== 0) lastScale = nextScale
    }
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.ue()
  if (type === 0) {
    bits.ue() // log2_max_pic_order_cnt_lsb_minus4
  } else if (type === 1) {
    bits.skip(1) // delta_pic_order_always_zero_flag
    bits.se() // offset_for_non_ref_pic
    bits.se() // offset_for_top_to_bottom_field
    const count = bits.ue()
    if (count > MAX_REF_FRAMES_IN_CYCLE) {
      throw new CodecError('CODEC_CONFIG_INVALID', `${count} reference frames in a picture order cycle`)
    }
    for (let i = 0; i < count; i++) bits.se()
  }
}

function readPictureSize(bits: BitReader, format: Format): { width: number; height: number } {
  const widthMbs = bits.ue() + 1
  const heightMapUnits = bits.ue() + 1
  const frameMbsOnly = bits.flag()
  if (!frameMbsOnly) bits.skip(1) // mb_adaptive_frame_field_flag
  bits.skip(1) // direct_8x8_inference_flag
  const fieldFactor = frameMbsOnly ? 1 : 2
  let width = widthMbs * 16
  let height = heightMapUnits * 16 * fieldFactor
  if (bits.flag()) {
    const subsampled = !format.separateColourPlanes && format.chromaFormatIdc !== 0
    const unitX = subsampled && format.chromaFormatIdc !== 3 ? 2 : 1
    const unitY = (subsampled && format.chromaFormatIdc === 1 ? 2 : 1) * fieldFactor
    width -= (bits.ue() + bits.ue()) * unitX
    height -= (bits.ue() + bits.ue()) * unitY
  }
  if (width <= 0 || height <= 0 || width > MAX_EDGE_PIXELS || height > MAX_EDGE_PIXELS) {
    throw new CodecError('CODEC_CONFIG_INVALID', `picture size ${width}x${height} is not possible`)
  }
  return { width, height }
}

// The VUI is a courtesy: encoders cut it short or fill it with nonsense, and the pictures still decode.
function readFrameRate(bits: BitReader): number | undefined {
  try {
    if (!bits.flag()) return undefined
    if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.skip(32)
    if (bits.flag()) bits.skip(1) // overscan_appropriate_flag
    if (bits.flag()) {
      bits.skip(4) // video_format, video_full_range_flag
      if (bits.flag()) bits.skip(24) // colour description
    }
    if (bits.flag()) {
      bits.ue() // chroma_sample_loc_type_top_field
      bits.ue() // chroma_sample_loc_type_bottom_field
    }
    if (!bits.flag()) return undefined
    const unitsInTick = bits.bits(32)
    const timeScale = bits.bits(32)
    const frameRate = timeScale / (2 * unitsInTick)
    return frameRate >= 1 && frameRate <= 300 ? frameRate : undefined
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

/** The NAL unit's bytes without emulation prevention (ITU-T H.264 §7.4.1). */
function unescape(nal: Uint8Array): Uint8Array {
  const plain = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    plain[length++] = byte
  }
  return plain.subarray(0, length)
}
