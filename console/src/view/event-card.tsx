/**
 * Lists what happens to the stream, as it happens.
 */
import type { ReactElement } from 'react'
import type { FeedState } from '../events/event-feed.ts'
import { eventTone, eventWords } from '../events/event-words.ts'
import type { StreamEvent } from '../events/stream-event.ts'
import { formatMoment } from '../format.ts'

/** What the card shows. */
export type EventCardProps = {
  /** Newest first. */
  readonly events: readonly StreamEvent[]
  readonly feed: FeedState
}

const NOTHING_YET =
  'Nothing yet. Sessions, starvation, limits, takeovers, recordings and ad breaks show here as they happen.'

/** A card with a list that scrolls in itself, so that the page below stays in place. */
export function EventCard({ events, feed }: EventCardProps): ReactElement {
  return (
    <section className="card events">
      <div className="events-head">
        <h3>Events</h3>
        <p className="hint" role="status">
          {feed === 'lost' && 'No connection. Trying again…'}
        </p>
      </div>
      {events.length === 0 ? (
        <p className="hint">{NOTHING_YET}</p>
      ) : (
        // Only what can be focused can be scrolled with the keyboard.
        <ol className="event-list" aria-label="Events" tabIndex={0}>
          {events.map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ol>
      )}
    </section>
  )
}

function EventLine({ event }: { readonly event: StreamEvent }): ReactElement {
  const words = eventWords(event)
  return (
    <li className={eventTone(event)}>
      <time dateTime={new Date(event.atMs).toISOString()}>{formatMoment(event.atMs, Date.now())}</time>
      <p>
        <strong>{event.name}</strong>
        {words !== '' && <span>{words}</span>}
      </p>
    </li>
  )
}
