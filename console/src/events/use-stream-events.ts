/**
 * Keeps the list of a channel's events while it is shown.
 */
import { useEffect, useReducer, useState } from 'react'
import type { ConsoleService } from '../service/console-service.ts'
import { followEvents, type FeedState } from './event-feed.ts'
import { nextEventList } from './event-list.ts'
import { readStreamEvent, type StreamEvent } from './stream-event.ts'

/** The events of `channelArn`, newest first, and whether more come in. */
export function useStreamEvents(
  service: ConsoleService,
  channelArn: string,
): { readonly events: readonly StreamEvent[]; readonly feed: FeedState } {
  const [events, change] = useReducer(nextEventList, [])
  const [feed, setFeed] = useState<FeedState>('connecting')
  useEffect(() => {
    const stop = new AbortController()
    const unfollow = followEvents({
      urlAfter: service.eventsUrl,
      onState: setFeed,
      onEvent: (text) => {
        const event = readStreamEvent(text, channelArn)
        if (event) change({ kind: 'happened', event })
      },
      onOpenWithoutPlace: () => {
        void service.recordedEvents(channelArn, stop.signal).then(
          (recorded) => {
            if (!stop.signal.aborted) change({ kind: 'recorded', events: recorded })
          },
          // The list shows what happens from now on, which is what it is for.
          () => undefined,
        )
      },
    })
    return () => {
      stop.abort()
      unfollow()
    }
  }, [service, channelArn])
  return { events, feed }
}
