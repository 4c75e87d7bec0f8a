/**
 * The one error of the codec parsers.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type CodecErrorCode =
  'CODEC_CONFIG_INVALID' | 'CODEC_CONFIG_TRUNCATED' | 'CODEC_CONFIG_UNSUPPORTED' | 'NAL_UNITS_INVALID'

/** Bytes that claim to describe or hold coded media do not; nothing of them can be used. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code: CodecErrorCode

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
