/**
 * Text and other data that a broadcaster puts into the picture at a moment, as muxers take it.
 */

/** Owners by which players tell where timed metadata came from (reference ivs-behaviour §14). */
export const METADATA_OWNER = {
  /** Put through the API. */
  api: 'metadata.live-video.net',
  /** Sent by the publisher inside its stream. */
  inBand: 'inband.metadata.live-video.net',
} as const

/** Longest payload that every container carries; longer ones are left out. */
export const MAX_METADATA_PAYLOAD_BYTES: number = 16 * 1024

/** One piece of timed metadata. */
export type TimedMetadata = {
  /**
   * Media time at which it applies, 90 kHz; the same in every rendition. No two pieces of a stream share one: readers of
   * fragmented MP4 tell pieces apart by it.
   */
  readonly ptsTicks: number
  /** ASCII without NUL. */
  readonly owner: string
  readonly payload: Uint8Array
  /** What it is in an ID3 tag: private data of the owner by default, or a text in UTF-8 that the owner describes. */
  readonly frame?: 'private' | 'text'
}

/** Receives the timed metadata of a stream, in the order of its times, each piece before the part of its time is cut. */
export type MetadataSink = { readonly onMetadata: (piece: TimedMetadata) => void }
