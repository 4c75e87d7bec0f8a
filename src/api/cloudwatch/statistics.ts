/**
 * The one number that a caller wants to know of a period.
 *
 * Spec: Amazon CloudWatch user guide, statistics definitions.
 */
import type { MetricPoint } from '../../domain/metrics.ts'
import { readDistribution } from './distribution-statistics.ts'

/** A way to see a period as one number. */
export type Statistic = {
  /** Whether `of` needs the parts of a point. */
  readonly needsParts: boolean
  /** Undefined when the period has none. */
  readonly of: (point: MetricPoint) => number | undefined
}

const STATISTICS: Readonly<Record<string, Statistic['of']>> = {
  Average: ({ sum, count }) => sum / count,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
}

/** The statistic called `name`, undefined when there is none. */
export function readStatistic(name: string): Statistic | undefined {
  const simple = Object.hasOwn(STATISTICS, name) ? STATISTICS[name] : undefined
  if (simple) return { needsParts: false, of: simple }
  const of = readDistribution(name)
  return of && { needsParts: true, of }
}
