/**
 * Has the demo's creatives conditioned as soon as its stream is live, so that already the first break shows ads.
 *
 * Looked after as long as the demo runs: a new stream may have another ladder, and creatives may still be being made.
 */
import type { AdProfile, CreativeLibrary, CreativeSource } from '../../ads/creative-library.ts'
import type { Clock } from '../../base/clock.ts'

/** What is to be ready for which stream. */
export type WarmCreativesOptions = {
  readonly creatives: readonly CreativeSource[]
  readonly library: Pick<CreativeLibrary, 'request'>
  /** What the creatives of the live stream look like; undefined while there is none. */
  readonly profile: () => AdProfile | undefined
  /** Whether a creative can be fetched yet; never rejects. */
  readonly isMade: (url: string) => Promise<boolean>
  readonly clock: Clock
}

/** From one look to the next, in milliseconds. */
export const LOOK_MS = 1000
const ASK_TIMEOUT_MS = 2000

/** Begins to look; call what it gives back to end that. */
export function warmCreatives({
  creatives,
  library,
  profile,
  isMade,
  clock,
}: WarmCreativesOptions): () => void {
  const made = new Set<string>()
  let stopped = false
  const look = async (): Promise<void> => {
    const wanted = profile()
    if (!wanted) return
    for (const creative of creatives) {
      // One that is not there yet would count as broken, and be left alone for a while.
      if (!made.has(creative.url) && (await isMade(creative.url))) made.add(creative.url)
      if (made.has(creative.url)) library.request(creative, wanted)
    }
  }
  const lookAgain = (): void => {
    timer = clock.after(LOOK_MS, () => {
      if (stopped) return
      void look().finally(lookAgain)
    })
  }
  let timer = { cancel: (): void => undefined }
  lookAgain()
  return () => {
    stopped = true
    timer.cancel()
  }
}

/** Asks the ad server of the demo. */
export async function isCreativeMade(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })).ok
  } catch {
    return false
  }
}
