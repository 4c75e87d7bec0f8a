/**
 * The currency of the media side: coded pictures and audio frames with their time, and the tracks they belong to.
 *
 * All media time is whole ticks of 90 kHz (ISO/IEC 13818-1 §2.4.2.6). Audio sits on its own sample grid first: a frame's
 * 90 kHz time is that grid's time rounded, so a muxer gets the exact sample number back by rounding.
 */
import type { AacConfig } from './codec/aac.ts'
import type { AvcConfig } from './codec/avc.ts'

/** Ticks in a second of media time. */
export const MEDIA_TIMESCALE = 90_000

/** The video side of a publisher. */
export type VideoTrack = { readonly kind: 'video'; readonly avc: AvcConfig }

/** The audio side of a publisher. */
export type AudioTrack = { readonly kind: 'audio'; readonly aac: AacConfig }

/** What the units of one kind need to be decoded. */
export type MediaTrack = VideoTrack | AudioTrack

/** One coded picture or one audio frame. */
export type AccessUnit = {
  readonly kind: 'video' | 'audio'
  /** Decoding time, 90 kHz; never decreases within a kind. */
  readonly dtsTicks: number
  /** Presentation time, 90 kHz. */
  readonly ptsTicks: number
  /** Whether decoding can start here; true for every audio frame. */
  readonly keyframe: boolean
  /** Video: NAL units, each after its length in 4 bytes big-endian. Audio: a raw AAC frame without ADTS. Owned by the unit; never written again. */
  readonly data: Uint8Array
}

/**
 * Receives one stream: tracks, then units in decode order, then the end. Called on the packet path, so it returns at
 * once and never throws.
 */
export type MediaSink = {
  /** A track appeared, or its parameters changed from the next unit of its kind on. */
  readonly onTrack: (track: MediaTrack) => void
  readonly onUnit: (unit: AccessUnit) => void
  /** No unit will follow. Called once. */
  readonly onEnd: () => void
}
