/**
 * Port to the events that wait for their receivers.
 *
 * The outbox is one row of events in the order in which they were written, numbered by `sequence`. Each target goes
 * through it at its own pace: below its cursor everything is settled but for the events it has _parked_, which failed
 * or wait behind one of their lane that did.
 */

/** How long an event is kept, delivered or not. */
export const EVENT_LIFETIME_MS: number = 7 * 24 * 60 * 60 * 1000

/** Most events that are kept, delivered or not. */
export const MAX_OUTBOX_EVENTS = 1_000_000

/** Most events that are kept after they were given up, of all targets together. */
export const MAX_DEAD_LETTERS = 10_000

/** An event as it waits. */
export type OutboxEvent = {
  /** Its place; grows with every event and is never used twice. */
  readonly sequence: number
  /** The same in every copy. */
  readonly id: string
  readonly accountId: string
  /** Events of one lane reach a target in order: a channel's ARN, or the account for events of an account. */
  readonly lane: string
  /** When it came into the outbox; milliseconds since the Unix epoch. */
  readonly writtenAtMs: number
  /** The envelope as JSON. */
  readonly body: string
}

/** An event that is added. */
export type NewOutboxEvent = Pick<OutboxEvent, 'id' | 'accountId' | 'lane' | 'body'>

/** An event that a target will get later. */
export type ParkedEvent = {
  readonly sequence: number
  readonly lane: string
  /** Failed attempts of this event so far. */
  readonly attempts: number
  /** When the next one is due. */
  readonly retryAtMs: number
}

/** An event that a target never got. */
export type DeadLetter = {
  readonly sequence: number
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly reason: string
}

/** How far a target has come, told by the server that feeds it. */
export type TargetProgress = {
  readonly target: string
  readonly nodeId: string
  readonly nowMs: number
  readonly cursor: number
  /** Those that are parked from now on, or parked anew. */
  readonly parked: readonly ParkedEvent[]
  /** Sequences of parked events that were delivered. */
  readonly delivered: readonly number[]
  /** Those that were given up. */
  readonly dead: readonly DeadLetter[]
}

/** A target's state as the server finds it that begins to feed it. */
export type TargetState = {
  readonly cursor: number
  /** Events it never got, counted for ever. */
  readonly deadLetters: number
  /** In the order of their sequence. */
  readonly parked: readonly ParkedEvent[]
}

/** Events and how far each target has come. */
export type EventOutbox = {
  /** Adds events; one whose id is there already changes nothing. */
  readonly add: (events: readonly NewOutboxEvent[]) => Promise<void>
  /** The place of the newest event; 0 before the first. */
  readonly newest: () => Promise<number>
  /** At most `limit` events behind `sequence`, in order. */
  readonly after: (sequence: number, limit: number) => Promise<readonly OutboxEvent[]>
  /** The same of one account alone. */
  readonly afterOfAccount: (
    accountId: string,
    sequence: number,
    limit: number,
  ) => Promise<readonly OutboxEvent[]>
  /** Those that are still there, in order. */
  readonly get: (sequences: readonly number[]) => Promise<readonly OutboxEvent[]>
  /** Makes the target known; one that is new begins behind the newest event. */
  readonly register: (target: string) => Promise<void>
  /** Takes or keeps the right to feed a target until `untilMs`; false while another server has it. */
  readonly lease: (target: string, nodeId: string, nowMs: number, untilMs: number) => Promise<boolean>
  /** Gives that right back. */
  readonly release: (target: string, nodeId: string) => Promise<void>
  readonly state: (target: string) => Promise<TargetState>
  /** Keeps what happened, all or none; false, keeping nothing, when another server feeds the target now. */
  readonly save: (progress: TargetProgress) => Promise<boolean>
  /** Forgets at most `limit` events written before `cutoffMs`, whoever still wants them; how many it were. */
  readonly removeBefore: (cutoffMs: number, limit: number) => Promise<number>
  /** Forgets at most `limit` events up to `sequence`, whoever still wants them; how many it were. */
  readonly removeUpTo: (sequence: number, limit: number) => Promise<number>
  /** Forgets all but the `keep` newest dead letters. */
  readonly trimDead: (keep: number) => Promise<void>
}
