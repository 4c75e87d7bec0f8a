/**
 * Sorts what can go wrong with an API call into the few cases the page tells apart.
 */

/** Why a call gave no answer that can be used. */
export type ServiceFailure =
  /** No answer at all, or one that says to try again later. */
  | 'unreachable'
  /** The server gets too many API calls; it answers again soon. */
  | 'throttled'
  /** The server wants credentials that this page does not have. */
  | 'refused'
  /** The resource does not exist, or the channel is not live. */
  | 'absent'

/** Reads the failure out of what the SDK threw; unknown things count as `unreachable`, which is tried again. */
export function classifyFailure(error: unknown): ServiceFailure {
  const status = httpStatusOf(error)
  if (status === 401 || status === 403) return 'refused'
  if (status === 404 || status === 400) return 'absent'
  if (status === 429) return 'throttled'
  return 'unreachable'
}

function httpStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
