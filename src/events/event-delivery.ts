/**
 * Delivers every event to every target that the settings name. Targets know nothing of each other.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { EventOutbox } from '../domain/event-outbox.ts'
import type { DeliveryCounts } from './delivery-log.ts'
import { eventBridgeSink } from './event-bridge-sink.ts'
import type { EventSink } from './event-sink.ts'
import type { EventTarget } from './event-target.ts'
import { fileSink } from './file-sink.ts'
import { natsSink } from './nats-sink.ts'
import { TargetDispatcher } from './target-dispatcher.ts'
import { webhookSink } from './webhook-sink.ts'

/** What happened at a target since the server started, and what waits for it. */
export type TargetCounts = DeliveryCounts & {
  /** Events taken up here that have not reached it; no more than 11,000, the others wait in the outbox alone. */
  readonly waiting: number
}

/** What delivery needs. */
export type EventDeliveryOptions = {
  readonly targets: readonly EventTarget[]
  readonly outbox: EventOutbox
  /** Names this server among those that share the database. */
  readonly nodeId: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Delivery under way. */
export type EventDelivery = {
  /** There may be new events. */
  readonly wake: () => void
  /** By target. */
  readonly counts: () => ReadonlyMap<string, TargetCounts>
  /** Delivers what is there, `limitMs` at most, and stops. */
  readonly close: (limitMs: number) => Promise<void>
}

const HOUR_MS = 60 * 60 * 1000

/** Makes the targets known and starts to feed them; what is written from then on reaches all of them. */
export async function startEventDelivery(options: EventDeliveryOptions): Promise<EventDelivery> {
  const { targets, outbox, nodeId, clock, logger } = options
  for (const { name } of targets) await outbox.register(name)
  const dispatchers = new Map<string, TargetDispatcher>()
  for (const target of targets) {
    const sink = sinkOf(target, clock)
    const retryForMs = target.retryHours * HOUR_MS
    const dispatcher = { target: target.name, sink, outbox, nodeId, clock, logger, retryForMs }
    dispatchers.set(target.name, new TargetDispatcher(dispatcher))
  }
  return {
    wake: () => {
      for (const dispatcher of dispatchers.values()) dispatcher.wake()
    },
    counts: () =>
      new Map(
        [...dispatchers].map(([name, { counts, waitingEvents }]) => [
          name,
          { ...counts, waiting: waitingEvents },
        ]),
      ),
    close: async (limitMs) => {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.close(limitMs)))
    },
  }
}

function sinkOf(target: EventTarget, clock: Clock): EventSink {
  switch (target.type) {
    case 'webhook':
      return webhookSink(target, clock)
    case 'file':
      return fileSink(target)
    case 'eventbridge':
      return eventBridgeSink(target)
    case 'nats':
      return natsSink(target)
  }
}
