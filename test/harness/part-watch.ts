/**
 * Notes when a rendition gets new parts, as its playlist shows them.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** What is seen of a rendition's parts; `await using` ends it. */
export type PartWatch = AsyncDisposable & {
  /** Longest time between two new parts, of which the later came after `sinceMs` (`performance.now()`); milliseconds. */
  readonly longestWaitMs: (sinceMs: number) => number
}

const LOOK_INTERVAL_MS = 40

/** Watches the media playlist at `url`. */
export function watchParts(url: string): PartWatch {
  const newPartMs: number[] = []
  const stop = new AbortController()
  const watching = (async () => {
    let newest: string | undefined
    while (!stop.signal.aborted) {
      const part = newestPart(await (await fetch(url)).text())
      if (part !== undefined && part !== newest) {
        newPartMs.push(performance.now())
        newest = part
      }
      await sleep(LOOK_INTERVAL_MS)
    }
  })()
  // Only the test's own server can fail it, and then the waits tell.
  watching.catch(() => undefined)
  return {
    longestWaitMs: (sinceMs) => {
      const waits = [...newPartMs, performance.now()].map((atMs, index, all) => ({
        atMs,
        waitMs: atMs - (all[index - 1] ?? atMs),
      }))
      return Math.max(...waits.filter(({ atMs }) => atMs >= sinceMs).map(({ waitMs }) => waitMs))
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await watching.catch(() => undefined)
    },
  }
}

/** The line that describes it. */
function newestPart(playlist: string): string | undefined {
  const lines = playlist.split('\n').filter((line) => line.startsWith('#EXT-X-PART:'))
  return lines.at(-1)
}
