/**
 * What is counted of events for Prometheus, by target: the settings name at most a few of them.
 */
import type { ExposedMetric, ExposedValue } from '../metrics/index.ts'
import type { EventRoad } from './event-road.ts'

/** What is known of the targets. */
export type CountedEvents = Pick<EventRoad, 'counts'>

/** The metrics of all targets. */
export function eventMetrics(events: CountedEvents): readonly ExposedMetric[] {
  const byTarget = (member: 'givenUp' | 'waiting') => (): readonly ExposedValue[] =>
    [...events.counts()].map(([target, counts]) => ({ labels: { target }, value: counts[member] }))
  return [
    {
      name: 'headwater_event_deliveries_total',
      help: 'Attempts to deliver events, by target and outcome.',
      kind: 'counter',
      labels: ['target', 'outcome'],
      read: () =>
        [...events.counts()].flatMap(([target, { delivered, failedAttempts }]) => [
          { labels: { target, outcome: 'delivered' }, value: delivered },
          { labels: { target, outcome: 'failed' }, value: failedAttempts },
        ]),
    },
    {
      name: 'headwater_events_given_up_total',
      help: 'Events that no attempt delivered, by target.',
      kind: 'counter',
      labels: ['target'],
      read: byTarget('givenUp'),
    },
    {
      name: 'headwater_events_waiting',
      help: 'Events that are taken up for a target and have not reached it.',
      kind: 'gauge',
      labels: ['target'],
      read: byTarget('waiting'),
    },
  ]
}

/** Events given up at all targets together. */
export function givenUpEvents(events: CountedEvents): number {
  return [...events.counts().values()].reduce((sum, { givenUp }) => sum + givenUp, 0)
}
