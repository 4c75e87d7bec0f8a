/**
 * Why a request to an ad server, for a creative or to a beacon target came to nothing.
 */

/** Stable codes, listed in docs/reference/errors.md. */
export type OutboundErrorCode =
  'BLOCKED_TARGET' | 'TIMEOUT' | 'TOO_LARGE' | 'HTTP_STATUS' | 'NETWORK' | 'REDIRECTS' | 'TOO_BUSY'

/** A request failed. The message names the host at most: paths and arguments of such URLs hold secrets. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly code: OutboundErrorCode
  /** Of `HTTP_STATUS`. */
  readonly status: number | undefined

  constructor(
    code: OutboundErrorCode,
    message: string,
    options: ErrorOptions & { readonly status?: number } = {},
  ) {
    super(message, options)
    this.code = code
    this.status = options.status
  }
}

/** A URL as it may be logged: its host, and how long the rest is. */
export function describeTarget(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url
  if (!parsed) return 'an unreadable URL'
  return `${parsed.host} (path of ${parsed.pathname.length} characters)`
}
