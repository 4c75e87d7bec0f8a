/**
 * FLV tag bodies made by hand: the smallest media that the server takes for real.
 */
import { joinLengthPrefixed } from '../../src/media/codec/avc-nal.ts'

/** Parameter sets of x264, 1920x1080 at 60 frames a second. */
export const SETS_1080P: ParameterSets = {
  sps: Buffer.from('6764002aacd940780227e5c044000003000400000301e03c60c658', 'hex'),
  pps: Buffer.from('68ebe3cb22c0', 'hex'),
}

/** Parameter sets of x264, 640x360 at 30 frames a second. */
export const SETS_360P: ParameterSets = {
  sps: Buffer.from('6742c01ed900a02ff970110000030001000003003c0f162e48', 'hex'),
  pps: Buffer.from('68cb83cb20', 'hex'),
}

/** One SPS and one PPS. */
export type ParameterSets = { readonly sps: Buffer; readonly pps: Buffer }

/** An IDR slice and an ordinary one; nobody decodes them. */
export const IDR_NAL: Buffer = Buffer.from('6588840000ff', 'hex')
export const SLICE_NAL: Buffer = Buffer.from('419a24', 'hex')

/** AVC sequence header. */
export function avcHeader(sets: ParameterSets): Buffer {
  const length = (nal: Buffer): Buffer => Buffer.from([nal.length >> 8, nal.length & 255])
  const head = Buffer.from([0x17, 0, 0, 0, 0, 1, sets.sps[1]!, sets.sps[2]!, sets.sps[3]!, 0xff, 0xe1])
  const pps = [Buffer.from([1]), length(sets.pps), sets.pps]
  return Buffer.concat([head, length(sets.sps), sets.sps, ...pps])
}

/** A picture flagged as keyframe, of these NAL units or one IDR slice. */
export function keyframe(nals: readonly Buffer[] = [IDR_NAL], compositionOffsetMs = 0): Buffer {
  return picture(0x17, nals, compositionOffsetMs)
}

/** A picture flagged as inter picture, of these NAL units or one slice. */
export function interPicture(nals: readonly Buffer[] = [SLICE_NAL], compositionOffsetMs = 0): Buffer {
  return picture(0x27, nals, compositionOffsetMs)
}

/** AAC sequence header: AAC-LC, 44.1 kHz, stereo. */
export const AAC_HEADER: Buffer = Buffer.from('af001210', 'hex')

/** An AAC frame that nobody decodes. */
export const AAC_FRAME: Buffer = Buffer.from('af012110', 'hex')

function picture(flags: number, nals: readonly Buffer[], compositionOffsetMs: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flags)
  head.writeUInt8(1, 1)
  head.writeIntBE(compositionOffsetMs, 2, 3)
  return Buffer.concat([head, joinLengthPrefixed(nals)])
}
