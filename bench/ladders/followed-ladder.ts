/**
 * Follows all renditions of a stream, segment by segment, as players that watch one each would fetch them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  readRungs,
  readSegments,
  type ServedRung,
  type ServedSegment,
} from '../../test/harness/ladder-reader.ts'

/** One rendition and the segments of it that were seen, in order. */
export type FollowedRung = { readonly rung: ServedRung; readonly segments: readonly ServedSegment[] }

const LOOK_INTERVAL_MS = 2000
const START_LIMIT_MS = 15_000

/**
 * Follows the stream for `seconds`, once it offers `rungCount` renditions or does not for too long; the segments that all
 * of them were seen with.
 */
export async function followLadder(
  playbackUrl: string,
  { rungCount, seconds }: { readonly rungCount: number; readonly seconds: number },
): Promise<readonly FollowedRung[]> {
  const rungs = await offeredRungs(playbackUrl, rungCount)
  const seen = rungs.map((): ServedSegment[] => [])
  const endMs = performance.now() + seconds * 1000
  while (performance.now() < endMs) {
    await sleep(LOOK_INTERVAL_MS)
    await Promise.all(
      rungs.map(async (rung, index) => {
        const nextMsn = (seen[index]?.at(-1)?.msn ?? -1) + 1
        seen[index]?.push(...(await readSegments(rung, nextMsn)))
      }),
    )
  }
  const firstMsn = Math.max(...seen.map((segments) => segments[0]?.msn ?? Infinity))
  const lastMsn = Math.min(...seen.map((segments) => segments.at(-1)?.msn ?? -1))
  return rungs.map((rung, index) => ({
    rung,
    segments: (seen[index] ?? []).filter(({ msn }) => msn >= firstMsn && msn <= lastMsn),
  }))
}

async function offeredRungs(playbackUrl: string, count: number): Promise<readonly ServedRung[]> {
  const endMs = performance.now() + START_LIMIT_MS
  for (;;) {
    const rungs = await readRungs(playbackUrl)
    if (rungs.length >= count || performance.now() > endMs) return rungs
    await sleep(500)
  }
}
