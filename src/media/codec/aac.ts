/**
 * AAC as it travels in FLV and ISO BMFF: the AudioSpecificConfig.
 */

/** What the rest of the server needs to know of an AAC track. */
export type AacConfig = {
  /** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). */
  readonly asc: Uint8Array
  /** Audio object type of the core layer: 2 is AAC-LC. */
  readonly objectType: number
  /** Core sampling rate in Hz: the grid of access units. */
  readonly sampleRate: number
  /** Index of `sampleRate` in the standard table, as ADTS wants it, 0 to 12. */
  readonly samplingFrequencyIndex: number
  /** Channels, 1 to 8. */
  readonly channels: number
  /** Samples a frame at `sampleRate`: 1024, or 960 when the config says so. */
  readonly samplesPerFrame: number
  /** RFC 6381 form, e.g. `mp4a.40.2`. */
  readonly codecString: string
}
