/**
 * GetMetricData: values of up to 500 metrics over a stretch of time. Expressions are not worked out.
 */
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { METRIC_UNITS } from '../../domain/metrics.ts'
import type { MetricHistory, MetricSpan } from '../../domain/metrics.ts'
import type { TargetOperation } from '../aws/target-service.ts'
import { dimensionValue, metricText, readNextToken, toSeries } from './metric-members.ts'
import type { MetricServices } from './metric-members.ts'
import { readStatistic } from './statistics.ts'

const MAX_QUERIES = 500
const MAX_DATAPOINTS = 100_800
const MAX_DIMENSIONS = 30
const SECOND_MS = 1000

const metricStat = Type.Object({
  Metric: Type.Object({
    Namespace: Type.Optional(metricText),
    MetricName: Type.Optional(metricText),
    Dimensions: Type.Optional(
      Type.Array(Type.Object({ Name: metricText, Value: dimensionValue }), { maxItems: MAX_DIMENSIONS }),
    ),
  }),
  Period: Type.Integer({ minimum: 1 }),
  Stat: Type.String(),
  Unit: Type.Optional(Type.String()),
})

const query = Type.Object({
  Id: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-z][a-zA-Z0-9_]*$' }),
  MetricStat: Type.Optional(metricStat),
  Expression: Type.Optional(Type.String()),
  Label: Type.Optional(Type.String()),
  ReturnData: Type.Optional(Type.Boolean()),
})

const input = Type.Object({
  MetricDataQueries: Type.Array(query, { minItems: 1, maxItems: MAX_QUERIES }),
  StartTime: Type.Number(),
  EndTime: Type.Number(),
  ScanBy: Type.Optional(Type.String({ pattern: '^Timestamp(Descending|Ascending)$' })),
  MaxDatapoints: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_DATAPOINTS })),
  NextToken: Type.Optional(Type.String()),
})

type Input = Static<typeof input>
type Query = Static<typeof query>

/** The value of one period. */
type PeriodValue = { readonly startMs: number; readonly value: number }

/** What a query asks for, once it is known to be answerable. */
type Wanted = {
  readonly id: string
  readonly label: string
  /** Oldest first. */
  readonly values: () => readonly PeriodValue[]
}

/** Where the next page begins: a query, and the last time that was shown of it. */
type Place = { readonly queryIndex: number; readonly afterMs: number | undefined }

type Result = {
  readonly Id: string
  readonly Label: string
  readonly Timestamps: readonly Date[]
  readonly Values: readonly number[]
  readonly StatusCode: 'Complete' | 'PartialData'
}

/** Gets values; a page holds `MaxDatapoints`, 100,800 at most. */
export function getMetricData({ history, pageTokens }: MetricServices): TargetOperation {
  return {
    name: 'GetMetricData',
    input,
    run: async (accountId, checked) => {
      const request = checked as Input
      const wanted = toWanted(request, accountId, history)
      const { MaxDatapoints = MAX_DATAPOINTS, NextToken, ...asked } = request
      const scope = { operation: 'GetMetricData', accountId, filter: { asked: JSON.stringify(asked) } }
      const begin = readPlace(await readNextToken(pageTokens, scope, NextToken))
      const { results, next } = readPage(
        wanted,
        begin,
        MaxDatapoints,
        request.ScanBy !== 'TimestampAscending',
      )
      const token = next && (await pageTokens.write(scope, JSON.stringify(next)))
      return { MetricDataResults: results, Messages: [], ...(token !== undefined && { NextToken: token }) }
    },
  }
}

function toWanted(request: Input, accountId: string, history: MetricHistory): readonly Wanted[] {
  if (request.StartTime >= request.EndTime) throw invalid('StartTime must be before EndTime')
  const ids = new Set<string>()
  return request.MetricDataQueries.flatMap((asked, index) => {
    const place = `MetricDataQueries[${index}]`
    if (ids.has(asked.Id)) throw invalid(`${place}.Id must not be that of another query`)
    ids.add(asked.Id)
    const { Metric, Stat, Unit, Period } = statOf(asked, place)
    const stat = readStatistic(Stat)
    if (!stat) throw invalid(`${place}.MetricStat.Stat is not a statistic, such as Average or p99`)
    const span = { ...spanOf(request, Period, place), withParts: stat.needsParts }
    const series = toSeries(Metric.Namespace, Metric.MetricName, Metric.Dimensions)
    const isCounted = series && (Unit === undefined || Unit === METRIC_UNITS[series.metric])
    const values = (): readonly PeriodValue[] =>
      (isCounted ? history.read(accountId, series, span) : []).flatMap((point) => {
        const value = stat.of(point)
        return value === undefined ? [] : [{ startMs: point.startMs, value }]
      })
    const label = asked.Label ?? Metric.MetricName ?? asked.Id
    return asked.ReturnData === false ? [] : [{ id: asked.Id, label, values }]
  })
}

function statOf({ MetricStat, Expression }: Query, place: string): NonNullable<Query['MetricStat']> {
  if (Expression !== undefined) throw invalid(`${place}.Expression is not supported; name a MetricStat`)
  if (!MetricStat) throw invalid(`${place}.MetricStat is required`)
  return MetricStat
}

// Whole periods, so that a value does not depend on the moment of the call.
function spanOf({ StartTime, EndTime }: Input, period: number, place: string): MetricSpan {
  if (![1, 5, 10, 20, 30].includes(period) && period % 60 !== 0) {
    throw invalid(`${place}.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60`)
  }
  const periodMs = period * SECOND_MS
  return {
    periodMs,
    fromMs: Math.floor((StartTime * SECOND_MS) / periodMs) * periodMs,
    toMs: Math.ceil((EndTime * SECOND_MS) / periodMs) * periodMs,
  }
}

function readPage(
  wanted: readonly Wanted[],
  begin: Place,
  limit: number,
  descending: boolean,
): { readonly results: readonly Result[]; readonly next: Place | undefined } {
  const results: Result[] = []
  let room = limit
  for (const [queryIndex, asked] of wanted.entries()) {
    if (queryIndex < begin.queryIndex) continue
    if (room === 0) return { results, next: { queryIndex, afterMs: undefined } }
    const afterMs = queryIndex === begin.queryIndex ? begin.afterMs : undefined
    const ordered = descending ? asked.values().toReversed() : asked.values()
    const rest = ordered.filter(({ startMs }) => isAfter(startMs, afterMs, descending))
    const shown = rest.slice(0, room)
    room -= shown.length
    const isCut = shown.length < rest.length
    results.push(toResult(asked, shown, isCut))
    if (isCut) return { results, next: { queryIndex, afterMs: shown.at(-1)?.startMs } }
  }
  return { results, next: undefined }
}

function isAfter(startMs: number, afterMs: number | undefined, descending: boolean): boolean {
  return afterMs === undefined || (descending ? startMs < afterMs : startMs > afterMs)
}

function toResult({ id, label }: Wanted, shown: readonly PeriodValue[], isCut: boolean): Result {
  return {
    Id: id,
    Label: label,
    Timestamps: shown.map(({ startMs }) => new Date(startMs)),
    Values: shown.map(({ value }) => value),
    StatusCode: isCut ? 'PartialData' : 'Complete',
  }
}

// Only this file wrote it.
function readPlace(cursor: string | undefined): Place {
  return cursor === undefined ? { queryIndex: 0, afterMs: undefined } : (JSON.parse(cursor) as Place)
}

function invalid(fault: string): DomainError {
  return new DomainError('VALIDATION', fault)
}
