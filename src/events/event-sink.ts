/**
 * What a receiver of events must be able to do.
 */
import type { OutboxEvent } from '../domain/event-outbox.ts'

/** What became of one event. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** `reason` is for people and holds no secret. */
  | { readonly kind: 'failed'; readonly reason: string }

/** One receiver. */
export type EventSink = AsyncDisposable & {
  /** Most events of one call. */
  readonly maxBatchEvents: number
  /** Most calls under way at once. */
  readonly maxCallsAtOnce: number
  /**
   * Gives `events` to the receiver; each is of another lane, so their order does not matter. Ends by itself in bounded
   * time, sooner when `signal` says so. An error that it throws is the failure of all.
   *
   * @returns one outcome for each event.
   */
  readonly deliver: (
    events: readonly OutboxEvent[],
    signal: AbortSignal,
  ) => Promise<readonly DeliveryOutcome[]>
}

/** The outcome of what went well. */
export const DELIVERED: DeliveryOutcome = { kind: 'delivered' }

const MAX_REASON_CHARS = 300

/** The outcome of what did not. */
export function failed(error: unknown): DeliveryOutcome {
  const reason = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', reason: reason.slice(0, MAX_REASON_CHARS) }
}
