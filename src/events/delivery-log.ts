/**
 * Tells the operator how delivery to a target goes, without a line for each event.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'

/** What happened at a target since the server started. */
export type DeliveryCounts = {
  readonly delivered: number
  readonly failedAttempts: number
  readonly givenUp: number
}

const REPORT_EVERY_MS = 10_000

/** Counts, and reports failures at most every ten seconds. */
export class DeliveryLog {
  readonly #log: Logger
  readonly #clock: Clock
  #delivered = 0
  #failedAttempts = 0
  #givenUp = 0
  #reportedFailures = 0
  #reportedMs = -Infinity

  constructor(logger: Logger, clock: Clock) {
    this.#log = logger
    this.#clock = clock
  }

  /** The counts so far. */
  get counts(): DeliveryCounts {
    return { delivered: this.#delivered, failedAttempts: this.#failedAttempts, givenUp: this.#givenUp }
  }

  /** An event has arrived. */
  delivered(): void {
    this.#delivered++
  }

  /** An attempt failed; the event is tried again. */
  failed(event: OutboxEvent | undefined, reason: string): void {
    this.#failedAttempts++
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#reportedMs < REPORT_EVERY_MS) return
    const failures = this.#failedAttempts - this.#reportedFailures
    this.#reportedMs = nowMs
    this.#reportedFailures = this.#failedAttempts
    this.#log.warn('events could not be delivered and are tried again', {
      failures,
      eventId: event?.id,
      reason,
    })
  }

  /** An event is given up: an operator must know each of them. */
  givenUp(event: OutboxEvent | undefined, sequence: number, reason: string): void {
    this.#failedAttempts++
    this.#givenUp++
    this.#log.error('an event was given up', { eventId: event?.id, sequence, reason })
  }
}
