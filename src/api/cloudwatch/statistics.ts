/**
 * The one number that a caller wants to know of a period.
 */
import type { StatisticSet } from '../../domain/metrics.ts'

/** Draws it from all that is known of the period. */
export type Statistic = (set: StatisticSet) => number

const STATISTICS: Readonly<Record<string, Statistic>> = {
  Average: ({ sum, count }) => sum / count,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
}

/** The statistic called `name`, undefined when there is none. */
export function readStatistic(name: string): Statistic | undefined {
  return Object.hasOwn(STATISTICS, name) ? STATISTICS[name] : undefined
}
