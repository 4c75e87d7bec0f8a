/**
 * How often callers may call: a token bucket for each account and rate, and for each resource where a rate says so.
 *
 * A bucket holds one second of calls and fills evenly. The buckets are those of this process.
 */
import type { Clock } from '../../base/clock.ts'
import type { CallRates } from '../../domain/call-rates.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * Counts one call against the rate called `rateName`; a rate that is not there is no limit.
 *
 * @param owner whose rate it is: an account, or an account's resource.
 * @throws {ProtocolError} `CALL_RATE_EXCEEDED`.
 */
export type Throttle = (rateName: string, owner: string) => void

/** Buckets kept at once. The one longest unused goes first: it is the one that lost the least by being forgotten. */
export const MAX_BUCKETS = 50_000

type Bucket = { calls: number; readonly filledMs: number }

/** Throttles nobody. */
export const noThrottle: Throttle = () => undefined

/** Throttles callers by `callRates`. */
export function createThrottle(callRates: CallRates, clock: Pick<Clock, 'monotonicMs'>): Throttle {
  const buckets = new Map<string, Bucket>()
  const rates = new Map(Object.entries(callRates))
  return (rateName, owner) => {
    const rate = rates.get(rateName)
    if (rate === undefined) return
    const key = `${rateName} ${owner}`
    const nowMs = clock.monotonicMs()
    const known = buckets.get(key)
    const calls = known ? Math.min(rate, known.calls + ((nowMs - known.filledMs) * rate) / 1000) : rate
    const allowed = calls >= 1
    // Taken out and put back, so that the map stays in the order of use.
    buckets.delete(key)
    buckets.set(key, { calls: allowed ? calls - 1 : calls, filledMs: nowMs })
    if (buckets.size > MAX_BUCKETS) forgetOldest(buckets)
    if (!allowed) throw new ProtocolError('CALL_RATE_EXCEEDED', exceededText(rateName, rate))
  }
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  for (const key of buckets.keys()) {
    buckets.delete(key)
    return
  }
}

function exceededText(rateName: string, rate: number): string {
  return `more than ${rate} calls per second of ${rateName}; try again with growing pauses`
}
