/**
 * Puts events of accounts into the outbox. They belong to no record, so they are written by themselves.
 *
 * Whoever notes them sees to it that they are few; beyond a hundred that wait for the database they are dropped.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AccountEvent, AccountEvents } from '../domain/account-events.ts'
import type { DropCounts } from '../domain/drops.ts'
import { accountEventEnvelope } from '../domain/event-envelope.ts'
import type { EventOutbox, NewOutboxEvent } from '../domain/event-outbox.ts'

/** What the writer needs. */
export type AccountEventWriterOptions = {
  readonly outbox: Pick<EventOutbox, 'add'>
  readonly region: string
  /** Names this server among those that share the database. */
  readonly nodeId: string
  readonly drops: DropCounts
  readonly clock: Clock
  readonly logger: Logger
  /** There are new events in the outbox. */
  readonly onWritten: () => void
}

const MAX_WAITING_EVENTS = 100
const RETRY_MS = 1000

/** The writer of this process. */
export class AccountEventWriter implements AccountEvents {
  readonly #options: AccountEventWriterOptions
  readonly #waiting: NewOutboxEvent[] = []
  #writing: Promise<void> | undefined
  #count = 0
  #closed = false

  constructor(options: AccountEventWriterOptions) {
    this.#options = options
  }

  readonly note = (event: AccountEvent): void => {
    if (this.#closed || this.#waiting.length >= MAX_WAITING_EVENTS) {
      this.#options.drops.count('account-event')
      return
    }
    const { region, nodeId } = this.#options
    const envelope = accountEventEnvelope(event, region, `${nodeId}/${event.timeMs}/${++this.#count}`)
    const { accountId } = event
    this.#waiting.push({ id: envelope.id, accountId, lane: accountId, body: JSON.stringify(envelope) })
    this.#writing ??= this.#drain()
  }

  /** Waits until everything is written, `limitMs` at most; from then on nothing is taken. */
  async close(limitMs: number): Promise<void> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<undefined>()
    const timer = this.#options.clock.after(limitMs, () => resolve(undefined))
    await Promise.race([this.#writing, timeIsUp])
    timer.cancel()
    this.#closed = true
  }

  async #drain(): Promise<void> {
    const { outbox, logger, clock, onWritten } = this.#options
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = [...this.#waiting]
      try {
        await outbox.add(batch)
        this.#waiting.splice(0, batch.length)
        onWritten()
      } catch (error) {
        logger.error('events of accounts could not be written, trying again', { err: error })
        const { promise, resolve } = Promise.withResolvers<undefined>()
        clock.after(RETRY_MS, () => resolve(undefined))
        await promise
      }
    }
    this.#writing = undefined
  }
}
