/**
 * An event's road, wired: from the outbox to the targets of the settings and to readers of the event stream.
 */
import type { IncomingMessage } from 'node:http'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AccountEvents } from '../domain/account-events.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { ServiceIdentity } from '../domain/service-identity.ts'
import {
  AccountEventWriter,
  EventStream,
  EVENT_TARGET_DEFAULTS,
  startEventDelivery,
} from '../events/index.ts'
import type { EventAccess, EventTarget, TargetCounts } from '../events/index.ts'
import type { Store } from '../store/index.ts'
import { SIMPLE_TARGET_NAMES } from './config/event-targets.ts'
import type { ServerConfig } from './config/server-config.ts'

/** Events on their way out. */
export type EventRoad = {
  readonly accountEvents: AccountEvents
  readonly stream: EventStream
  /** There are new events in the outbox. */
  readonly wake: () => void
  /** By target. */
  readonly counts: () => ReadonlyMap<string, TargetCounts>
  /** Delivers what is there, a limited time, and stops. */
  readonly close: () => Promise<void>
}

/** What the road needs. */
export type EventRoadOptions = {
  readonly config: ServerConfig
  readonly store: Pick<Store, 'eventOutbox'>
  readonly identity: ServiceIdentity
  readonly nodeId: string
  readonly drops: DropCounts
  readonly authorize: (request: IncomingMessage) => EventAccess
  readonly logger: Logger
}

/** So long events that are written when the server stops may take to their targets; the others go out after the next start. */
const DELIVERY_GRACE_MS = 1500
const WRITING_GRACE_MS = 500

/** Opens the road; what is written to the outbox from then on reaches all targets. */
export async function startEventRoad(options: EventRoadOptions): Promise<EventRoad> {
  const { config, store, identity, nodeId, drops, authorize, logger } = options
  const { eventOutbox: outbox } = store
  const clock = systemClock
  const targets = targetsOf(config)
  const delivery = await startEventDelivery({ targets, outbox, nodeId, clock, logger })
  const stream = new EventStream({ outbox, authorize, clock, logger })
  const wake = (): void => {
    delivery.wake()
    stream.wake()
  }
  const { region } = identity
  const accountEvents = new AccountEventWriter({
    outbox,
    region,
    nodeId,
    drops,
    clock,
    logger,
    onWritten: wake,
  })
  return {
    accountEvents,
    stream,
    wake,
    counts: delivery.counts,
    close: async () => {
      stream.close()
      await accountEvents.close(WRITING_GRACE_MS)
      await delivery.close(DELIVERY_GRACE_MS)
    },
  }
}

function targetsOf(config: ServerConfig): readonly EventTarget[] {
  const { eventTargets, eventWebhook: url, eventWebhookSecret: secret, eventFile: path } = config
  const { retryHours, timeoutMs, maxRequestsAtOnce, sync } = EVENT_TARGET_DEFAULTS
  const targets = [...eventTargets]
  if (url !== undefined) {
    const name = SIMPLE_TARGET_NAMES.webhook
    targets.push({ type: 'webhook', name, url, secret, retryHours, timeoutMs, maxRequestsAtOnce })
  }
  if (path !== undefined)
    targets.push({ type: 'file', name: SIMPLE_TARGET_NAMES.file, path, sync, retryHours })
  return targets
}
