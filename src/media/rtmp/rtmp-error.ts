/**
 * The one error of the RTMP protocol code.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type RtmpErrorCode =
  | 'RTMP_HANDSHAKE_INVALID'
  | 'RTMP_CHUNK_INVALID'
  | 'RTMP_MESSAGE_TOO_LARGE'
  | 'RTMP_TOO_MANY_CHUNK_STREAMS'
  | 'RTMP_TOO_MUCH_UNFINISHED'
  | 'RTMP_COMMAND_INVALID'

/** The peer broke the protocol or a bound on it; its connection cannot go on. */
export class RtmpError extends Error {
  override readonly name = 'RtmpError'
  readonly code: RtmpErrorCode

  constructor(code: RtmpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
