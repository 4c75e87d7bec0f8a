/**
 * A stretch of time in which the parts of a stream are watched: what the server used, and how late the parts were.
 */
import { KEYFRAME_SECONDS } from '../rig/publisher-clip.ts'
import { measureProcessor } from '../rig/process-usage.ts'
import { partArrivals } from '../transcode/part-arrivals.ts'
import { loopDelay, type LoopDelay } from './process-metrics.ts'

/** Who is watched. */
export type WatchedServer = { readonly pid: number; readonly apiUrl: string; readonly playbackUrl: string }

/** What was seen. */
export type WatchedStretch = {
  readonly cores: number
  readonly cpuSeconds: number
  readonly loop: LoopDelay
  /** Moment of each part against the even pace of its publisher; milliseconds, but for a constant of the stream. */
  readonly offsetsMs: readonly number[]
}

/** Default length of parts. */
const PART_MS = 1000 / 3

/** Watches for `lengthMs`. */
export async function watchStretch(server: WatchedServer, lengthMs: number): Promise<WatchedStretch> {
  await loopDelay(server.apiUrl)
  const used = measureProcessor(server.pid)
  const arrivals = await partArrivals(server.playbackUrl, () => true, performance.now() + lengthMs)
  const { cores, elapsedSeconds } = used()
  const loop = await loopDelay(server.apiUrl)
  return { cores, cpuSeconds: cores * elapsedSeconds, loop, offsetsMs: [...arrivals].map(offsetOf) }
}

function offsetOf([place, atMs]: readonly [string, number]): number {
  const [msn = 0, part = 0] = place.split('.').map(Number)
  return atMs - msn * KEYFRAME_SECONDS * 1000 - (part + 1) * PART_MS
}
