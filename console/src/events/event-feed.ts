/**
 * Follows the server's event stream for as long as somebody looks at the page, and never loses its place.
 *
 * The browser itself comes back after a broken connection and says where it was. What it does not do is done here: come
 * back after a refusal, and let go while the page is hidden, since a browser has only six connections to a server for
 * all of its tabs together, and players need them.
 */
import { retryDelayMs } from '../retry-delay.ts'

/** Whether events come in. */
export type FeedState = 'connecting' | 'open' | 'lost'

/** What following needs. */
export type EventFeedOptions = {
  /** Address of the stream behind the place `after`; undefined for what is to come. */
  readonly urlAfter: (after: string | undefined) => URL
  readonly onEvent: (text: string) => void
  /** It is open, and what happened before is not known: there was no event yet to go on behind. */
  readonly onOpenWithoutPlace: () => void
  readonly onState: (state: FeedState) => void
}

/** Follows until the returned function is called. */
export function followEvents(options: EventFeedOptions): () => void {
  const { urlAfter, onEvent, onOpenWithoutPlace, onState } = options
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let place: string | undefined
  let attempt = 0

  const open = (): void => {
    const opened = new EventSource(urlAfter(place))
    source = opened
    opened.onopen = () => {
      attempt = 0
      onState('open')
      if (place === undefined) onOpenWithoutPlace()
    }
    opened.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
      if (lastEventId !== '') place = lastEventId
      onEvent(data)
    }
    opened.onerror = () => {
      onState('lost')
      // Anything but a broken connection, such as a refusal, ends it for good.
      if (opened.readyState === EventSource.CLOSED) {
        clearTimeout(timer)
        timer = setTimeout(open, retryDelayMs(attempt++, Math.random()))
      }
    }
  }
  const close = (): void => {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }
  const onVisibility = (): void => {
    close()
    if (!document.hidden) open()
  }
  onVisibility()
  document.addEventListener('visibilitychange', onVisibility)
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    close()
  }
}
