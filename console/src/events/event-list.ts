/**
 * The list of a stream's events, as data: newest first and bounded.
 *
 * Pure. Records of sessions are read beside the stream, so an event may come from both: then the one from the stream
 * stays, which tells more.
 */
import type { StreamEvent } from './stream-event.ts'

/** Most events that the list holds; the oldest go. */
export const MAX_LISTED_EVENTS = 100

/** Something that changes the list. */
export type EventListChange =
  | { readonly kind: 'happened'; readonly event: StreamEvent }
  /** What the records of the last sessions hold, newest first. */
  | { readonly kind: 'recorded'; readonly events: readonly StreamEvent[] }

/** The list after `change`. */
export function nextEventList(list: readonly StreamEvent[], change: EventListChange): readonly StreamEvent[] {
  if (change.kind === 'happened') return withEvent(list, change.event)
  const { events } = change
  const missing = events.filter((event) => !list.some((known) => isSame(known, event)))
  return inOrder([...list, ...missing])
}

function withEvent(list: readonly StreamEvent[], event: StreamEvent): readonly StreamEvent[] {
  // What is delivered at least once may come twice.
  if (list.some(({ id }) => id === event.id)) return list
  const recorded = list.find((known) => isFromRecord(known) && isSame(known, event))
  return inOrder([event, ...list.filter((known) => known !== recorded)])
}

function isFromRecord({ id }: StreamEvent): boolean {
  return id.includes('/')
}

function isSame(left: StreamEvent, right: StreamEvent): boolean {
  return left.type === right.type && left.name === right.name && left.atMs === right.atMs
}

// Stable: what happened in one second stays in the order of its coming.
function inOrder(events: readonly StreamEvent[]): readonly StreamEvent[] {
  return events.toSorted((left, right) => right.atMs - left.atMs).slice(0, MAX_LISTED_EVENTS)
}
