/**
 * AAC frames as a transport stream wants them: each after an ADTS header.
 *
 * Spec: ISO/IEC 14496-3 §1.A.3.2.
 */
import type { AacConfig } from '../codec/aac.ts'

/** Size of the header without checksum. */
export const ADTS_HEADER_BYTES = 7

/** Longest raw frame whose length, header counted, fits the header's 13 bits. */
export const MAX_ADTS_BODY_BYTES: number = 0x1fff - ADTS_HEADER_BYTES

/** Writes the frames of one track. */
export class AdtsStream {
  readonly #profileAndRate: number
  readonly #channels: number

  constructor(aac: AacConfig) {
    // ADTS has two bits for the object type: AAC Main, LC, SSR, LTP.
    const profile = (aac.objectType - 1) & 3
    const channelConfiguration = adtsChannelConfiguration(aac.channels)
    this.#profileAndRate = (profile << 6) | (aac.samplingFrequencyIndex << 2) | (channelConfiguration >> 2)
    this.#channels = (channelConfiguration & 3) << 6
  }

  /** Writes header and frame, at most `MAX_ADTS_BODY_BYTES` long, at `at`; returns the offset behind them. */
  put(out: Buffer, at: number, frame: Uint8Array): number {
    const frameBytes = ADTS_HEADER_BYTES + frame.length
    // Sync word, MPEG-4, no checksum.
    out[at] = 0xff
    out[at + 1] = 0xf1
    out[at + 2] = this.#profileAndRate
    out[at + 3] = this.#channels | (frameBytes >> 11)
    out[at + 4] = frameBytes >> 3
    // Buffer fullness all ones (variable bit rate), one raw block.
    out[at + 5] = (frameBytes << 5) | 0x1f
    out[at + 6] = 0xfc
    out.set(frame, at + ADTS_HEADER_BYTES)
    return at + frameBytes
  }
}

function adtsChannelConfiguration(channels: number): number {
  if (channels <= 6) return channels
  // Eight channels are configuration 7 (ISO/IEC 14496-3 Table 1.19); seven have none and are told by the frame itself.
  return channels === 8 ? 7 : 0
}
