/**
 * Port for events that concern an account as a whole and no stream session: their `resources` are empty on the wire
 * (reference ivs-behaviour §11).
 */
import type { StreamEvent } from './stream-session.ts'

/** Something that happened to an account. */
export type AccountEvent = Pick<StreamEvent, 'type' | 'timeMs'> & {
  readonly accountId: string
  /** Members of the event's detail, by their names on the wire. */
  readonly detail: NonNullable<StreamEvent['detail']>
}

/** Takes down such events. Called on the packet path, so it returns at once and never throws. */
export type AccountEvents = {
  readonly note: (event: AccountEvent) => void
}
