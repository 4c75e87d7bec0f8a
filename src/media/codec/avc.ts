/**
 * H.264 as it travels in FLV and ISO BMFF: the decoder configuration record and length-prefixed NAL units.
 */

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
