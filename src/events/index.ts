/**
 * The door of the events room.
 */
export { AccountEventWriter } from './account-event-writer.ts'
export { startEventDelivery } from './event-delivery.ts'
export type { EventDelivery, TargetCounts } from './event-delivery.ts'
export { EventStream } from './event-stream.ts'
export type { EventAccess } from './event-stream.ts'
export { EVENT_TARGET_DEFAULTS } from './event-target.ts'
export type { EventTarget } from './event-target.ts'
