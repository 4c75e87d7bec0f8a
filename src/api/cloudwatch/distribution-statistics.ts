/**
 * Statistics that depend on how values are distributed: percentiles (`p99`), trimmed means (`tm90`, `TM(10%:90%)`),
 * winsorized means (`wm`), trimmed counts (`tc`) and sums (`ts`), percentile ranks (`PR(100:200)`) and `IQM`.
 *
 * They need each value. Of a minute in which several sources were put together only its extremes are known, so a period
 * with one has no such statistic, unless all its values were the same.
 *
 * Spec: Amazon CloudWatch user guide, statistics definitions.
 */
import type { MetricPoint, StatisticSet } from '../../domain/metrics.ts'

type Distribution = (point: MetricPoint) => number | undefined

/** Bounds of values, in percent of all or as they are; the lower one is left out, the upper one is in. */
type Bounds = {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly percent: boolean
}

/** Values in rising order, each with the number of times that it came. */
type Values = readonly { readonly value: number; readonly count: number }[]

/** What of the bounds a statistic tells, of `kept` values within `values`. */
type Measure = (kept: Values, values: Values) => number | undefined

const MEASURES: Readonly<Record<string, Measure>> = {
  TM: (kept) => mean(kept),
  WM: (kept, values) => winsorizedMean(kept, values),
  TC: (kept) => Math.round(countOf(kept)),
  TS: (kept) => sumOf(kept),
  PR: (kept, values) => (100 * countOf(kept)) / countOf(values),
}

const NUMBER = String.raw`\d+(?:\.\d{1,10})?`
const PERCENTILE = new RegExp(`^p(${NUMBER})$`)
const SHORT = new RegExp(`^(tm|wm|tc|ts)(${NUMBER})$`)
const LONG = new RegExp(`^(TM|WM|TC|TS|PR)\\((${NUMBER}%?)?:(${NUMBER}%?)?\\)$`)
/** The mean of what lies in the middle half. */
const MIDDLE_HALF: Bounds = { from: 25, to: 75, percent: true }

/** The statistic called `name`, undefined when there is none. */
export function readDistribution(name: string): Distribution | undefined {
  if (name === 'IQM') return within('TM', MIDDLE_HALF)
  const [, percent] = PERCENTILE.exec(name) ?? []
  if (percent !== undefined) return readPercentile(Number(percent))
  const [, short = '', upTo] = SHORT.exec(name) ?? []
  if (upTo !== undefined)
    return within(short.toUpperCase(), { from: undefined, to: Number(upTo), percent: true })
  const [, long, from, to] = LONG.exec(name) ?? []
  const bounds = long === undefined ? undefined : readBounds(from, to)
  // A rank is of values, so its bounds are values.
  return long === undefined || !bounds || (long === 'PR' && bounds.percent) ? undefined : within(long, bounds)
}

function readPercentile(percent: number): Distribution | undefined {
  if (percent > 100) return undefined
  return (point) => {
    const values = valuesOf(point)
    return values && valueAt(values, percent)
  }
}

function readBounds(from: string | undefined, to: string | undefined): Bounds | undefined {
  const given = [from, to].filter((bound) => bound !== undefined)
  const percent = given.some((bound) => bound.endsWith('%'))
  if (given.length === 0 || (percent && !given.every((bound) => bound.endsWith('%')))) return undefined
  return { from: readBound(from), to: readBound(to), percent }
}

function readBound(bound: string | undefined): number | undefined {
  return bound === undefined ? undefined : Number.parseFloat(bound)
}

function within(measure: string, bounds: Bounds): Distribution | undefined {
  const { from, to, percent } = bounds
  const tell = MEASURES[measure]
  if (!tell || (from ?? 0) > (to ?? Infinity) || (percent && Math.max(from ?? 0, to ?? 0) > 100))
    return undefined
  return (point) => {
    const values = valuesOf(point)
    return values && tell(percent ? cutByRank(values, bounds) : cutByValue(values, bounds), values)
  }
}

function valuesOf({ parts = [] }: MetricPoint): Values | undefined {
  if (parts.some(({ minimum, maximum }: StatisticSet) => minimum !== maximum)) return undefined
  return parts.map(({ minimum: value, count }) => ({ value, count })).sort((a, b) => a.value - b.value)
}

/** The least value that at least `percent` of all values do not exceed. */
function valueAt(values: Values, percent: number): number | undefined {
  const rank = Math.max(1, Math.ceil((countOf(values) * percent) / 100))
  let reached = 0
  return values.find(({ count }) => (reached += count) >= rank)?.value
}

function cutByValue(values: Values, { from = -Infinity, to = Infinity }: Bounds): Values {
  return values.filter(({ value }) => value > from && value <= to)
}

// A bound may lie inside a value, of which a share is kept then.
function cutByRank(values: Values, { from = 0, to = 100 }: Bounds): Values {
  const total = countOf(values)
  const [first, end] = [(total * from) / 100, (total * to) / 100]
  let rank = 0
  return values.flatMap(({ value, count }) => {
    const kept = Math.min(end, rank + count) - Math.max(first, rank)
    rank += count
    return kept > 0 ? [{ value, count: kept }] : []
  })
}

// What lies outside counts as the nearest value inside.
function winsorizedMean(kept: Values, values: Values): number | undefined {
  const [lowest, highest] = [kept[0]?.value, kept.at(-1)?.value]
  if (lowest === undefined || highest === undefined) return undefined
  return mean(
    values.map(({ value, count }) => ({ value: Math.min(highest, Math.max(lowest, value)), count })),
  )
}

function mean(values: Values): number | undefined {
  const count = countOf(values)
  return count === 0 ? undefined : sumOf(values) / count
}

function sumOf(values: Values): number {
  return values.reduce((sum, { value, count }) => sum + value * count, 0)
}

function countOf(values: Values): number {
  return values.reduce((sum, { count }) => sum + count, 0)
}
