/**
 * What a server's metrics page says of its event loop.
 */

/** Delays in milliseconds since the page was read before. */
export type LoopDelay = { readonly p99Ms: number; readonly maxMs: number }

/** The monitor wakes up so often, and counts that as delay (prom-client's `eventLoopMonitoringPrecision`). */
const MONITOR_STEP_MS = 10

/** Reads and resets what was measured. */
export async function loopDelay(apiUrl: string): Promise<LoopDelay> {
  const page = await (await fetch(new URL('/metrics', apiUrl))).text()
  const delayMs = (name: string): number => {
    const seconds = new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(page)?.[1]
    return Math.max(0, Number(seconds) * 1000 - MONITOR_STEP_MS)
  }
  return { p99Ms: delayMs('p99'), maxMs: delayMs('max') }
}
