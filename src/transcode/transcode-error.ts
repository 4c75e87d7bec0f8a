/**
 * Why ladders cannot be made on this machine.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type TranscodeErrorCode = 'FFMPEG_UNUSABLE' | 'VIDEO_ENCODER_UNUSABLE'

/** The `ffmpeg` program or the chosen encoder does not work; the server does not start. */
export class TranscodeError extends Error {
  override readonly name = 'TranscodeError'
  readonly code: TranscodeErrorCode

  constructor(code: TranscodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
