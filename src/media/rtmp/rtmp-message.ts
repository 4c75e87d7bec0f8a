/**
 * RTMP messages: what chunks are put together to.
 */

/** Message types (RTMP 1.0 §5.4, §6.2, §7.1). */
export const RTMP_MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  amf3Data: 15,
  amf3Command: 17,
  amf0Data: 18,
  amf0Command: 20,
} as const

/** User control events (RTMP 1.0 §7.1.7). */
export const USER_CONTROL = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const

/** Chunk size of both directions until a peer sets another (RTMP 1.0 §5.4.1). */
export const DEFAULT_CHUNK_SIZE_BYTES = 128

/** The timestamp field that says a 32-bit one follows the header (RTMP 1.0 §5.3.1.3). */
export const EXTENDED_TIMESTAMP = 0xff_ff_ff

/** One message, whole. */
export type RtmpMessage = {
  readonly typeId: number
  readonly messageStreamId: number
  /** Milliseconds modulo 2^32. */
  readonly timestamp: number
  /** Owned by the receiver of the message. */
  readonly payload: Buffer
}
