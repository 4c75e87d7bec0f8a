/**
 * Asks how the transcoder of a channel does, every few seconds while there is one to ask about.
 */
import { useEffect, useState } from 'react'
import type { WatchedChannel } from '../service/console-service.ts'
import { fetchLadderFacts, type LadderFacts } from '../service/ladder-facts.ts'

const INTERVAL_MS = 5000

/** What the server said last of the ladder of `channel`; undefined for one without, and until it is known. */
export function useLadderFacts(channel: WatchedChannel, isPlaying: boolean): LadderFacts | undefined {
  const [facts, setFacts] = useState<LadderFacts>()
  const { arn, isTranscoded } = channel
  const asks = isTranscoded && isPlaying
  useEffect(() => {
    if (!asks) return
    const stop = new AbortController()
    const ask = async (): Promise<void> => {
      const answer = await fetchLadderFacts(new URL(window.location.href), arn, stop.signal)
      if (!stop.signal.aborted) setFacts(answer)
    }
    void ask()
    const timer = setInterval(() => void ask(), INTERVAL_MS)
    return () => {
      clearInterval(timer)
      stop.abort()
      setFacts(undefined)
    }
  }, [arn, asks])
  return facts
}
