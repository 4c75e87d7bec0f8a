/**
 * Waits for a stream.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const TIMEOUT_MS = 30_000
const LOOK_INTERVAL_MS = 20

/** Resolves when the multivariant playlist at `playbackUrl` can be fetched. */
export async function untilPlayable(playbackUrl: string): Promise<void> {
  const deadlineMs = performance.now() + TIMEOUT_MS
  while ((await fetch(playbackUrl)).status !== 200) {
    if (performance.now() > deadlineMs) throw new Error('the stream did not become playable')
    await sleep(LOOK_INTERVAL_MS)
  }
}
