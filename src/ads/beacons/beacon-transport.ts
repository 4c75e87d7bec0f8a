/**
 * Port to the outside for beacons, and what an answer means for the beacon that asked.
 *
 * An answer that refuses the request for good (most 4xx) has arrived as well as it ever will. All else is tried again,
 * a time-out too: the ad server may then count an event twice, which reporting by servers has always risked.
 *
 * Reference: ssai §3.7, §4.5.
 */

/** One request; the viewer's own address and program are in the headers. */
export type BeaconRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** What became of it. */
export type BeaconAnswer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'timeout' }
  /** No connection, or it broke. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** This target may not be called at all. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Sends requests to wherever ad servers want them; never rejects. */
export type BeaconTransport = (request: BeaconRequest) => Promise<BeaconAnswer>

/** What to do after an answer; `slow` is a failure of a target that has too much to do. */
export type BeaconVerdict = 'arrived' | 'failed' | 'slow' | 'hopeless'

const SLOW_STATUSES: ReadonlySet<number> = new Set([429, 503, 504, 507])
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425])

/** What an answer means. */
export function judge(answer: BeaconAnswer): BeaconVerdict {
  if (answer.kind === 'refused') return 'hopeless'
  if (answer.kind === 'failed') return 'failed'
  if (answer.kind === 'timeout') return 'slow'
  const { status } = answer
  if (status >= 200 && status < 400) return 'arrived'
  if (SLOW_STATUSES.has(status)) return 'slow'
  return status >= 500 || PASSING_STATUSES.has(status) ? 'failed' : 'hopeless'
}

/** The answer in a few words, without anything of the request. */
export function describeAnswer(answer: BeaconAnswer): string {
  switch (answer.kind) {
    case 'answered':
      return `answered ${answer.status}`
    case 'timeout':
      return 'no answer in time'
    case 'failed':
    case 'refused':
      return answer.reason
  }
}
