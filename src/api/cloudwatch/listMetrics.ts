/**
 * ListMetrics: what there are values of, in the last three hours.
 */
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { namespaceOf, seriesKey } from '../../domain/metrics.ts'
import type { MetricSeries } from '../../domain/metrics.ts'
import type { TargetOperation } from '../aws/target-service.ts'
import { dimensionValue, metricText, readNextToken, toDimension, toDimensionShape } from './metric-members.ts'
import type { MetricServices } from './metric-members.ts'

const PAGE_METRICS = 500
const MAX_DIMENSION_FILTERS = 10

const input = Type.Object({
  Namespace: Type.Optional(metricText),
  MetricName: Type.Optional(metricText),
  Dimensions: Type.Optional(
    Type.Array(Type.Object({ Name: metricText, Value: Type.Optional(dimensionValue) }), {
      maxItems: MAX_DIMENSION_FILTERS,
    }),
  ),
  RecentlyActive: Type.Optional(Type.String({ pattern: '^PT3H$' })),
  NextToken: Type.Optional(Type.String()),
})

type Input = Static<typeof input>

/** Lists metrics, 500 a page; a filter by dimension also finds metrics that have others besides. */
export function listMetrics({ history, pageTokens }: MetricServices): TargetOperation {
  return {
    name: 'ListMetrics',
    input,
    run: async (accountId, checked) => {
      const request = checked as Input
      const { Namespace, MetricName, Dimensions, NextToken } = request
      const filter = { Namespace, MetricName, Dimensions: JSON.stringify(Dimensions) }
      const scope = { operation: 'ListMetrics', accountId, filter }
      const after = await readNextToken(pageTokens, scope, NextToken)
      const rest = history
        .series(accountId)
        .filter((series) => isWanted(series, request))
        .filter((series) => after === undefined || seriesKey(series) > after)
      const shown = rest.slice(0, PAGE_METRICS)
      const last = shown.at(-1)
      const more = rest.length > PAGE_METRICS && last !== undefined
      return {
        Metrics: shown.map(({ metric, dimensions }) => ({
          Namespace: namespaceOf(metric),
          MetricName: metric,
          Dimensions: dimensions.map(toDimensionShape),
        })),
        ...(more && { NextToken: await pageTokens.write(scope, seriesKey(last)) }),
      }
    },
  }
}

function isWanted(
  { metric, dimensions }: MetricSeries,
  { Namespace, MetricName, Dimensions = [] }: Input,
): boolean {
  if (Namespace !== undefined && Namespace !== namespaceOf(metric)) return false
  if (MetricName !== undefined && MetricName !== metric) return false
  return Dimensions.every(({ Name, Value }) => {
    const found = dimensions.find(({ name }) => name === Name)
    return found !== undefined && (Value === undefined || toDimension({ Name, Value }).value === found.value)
  })
}
