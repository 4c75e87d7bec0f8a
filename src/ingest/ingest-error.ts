/**
 * The one error of ingest.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type IngestErrorCode = 'CODEC_UNSUPPORTED' | 'MEDIA_INVALID' | 'VIDEO_MISSING'

/** The publisher did something we refuse. Its connection ends; the server carries on. */
export class IngestError extends Error {
  override readonly name = 'IngestError'
  readonly code: IngestErrorCode

  constructor(code: IngestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
