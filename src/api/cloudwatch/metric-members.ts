/**
 * What the metric operations share: schemas, names of metrics, continuation tokens.
 */
import { Type } from 'typebox'
import type { TString } from 'typebox'
import { METRIC_UNITS, namespaceOf } from '../../domain/metrics.ts'
import type { MetricDimension, MetricHistory, MetricName, MetricSeries } from '../../domain/metrics.ts'
import type { ListScope, PageTokens } from '../aws/page-tokens.ts'
import { MetricQueryError } from './metric-query-error.ts'

/** What the operations work with. */
export type MetricServices = { readonly history: MetricHistory; readonly pageTokens: PageTokens }

const MAX_NAME_CHARS = 255
const MAX_VALUE_CHARS = 1024
const CHANNEL_ARN = /^arn:aws:ivs:[a-z0-9-]+:[0-9]+:channel\/([a-zA-Z0-9-]+)$/

/** Name of a metric, namespace or dimension. */
export const metricText: TString = Type.String({ minLength: 1, maxLength: MAX_NAME_CHARS })

/** Value of a dimension. */
export const dimensionValue: TString = Type.String({ minLength: 1, maxLength: MAX_VALUE_CHARS })

/** A dimension as requests and answers spell it. */
export type DimensionShape = { readonly Name: string; readonly Value: string }

/** The dimension that a request means: a channel may be named by its id or its ARN. */
export function toDimension({ Name: name, Value: value }: DimensionShape): MetricDimension {
  return { name, value: name === 'Channel' ? (CHANNEL_ARN.exec(value)?.[1] ?? value) : value }
}

/** Shows a dimension. */
export function toDimensionShape({ name, value }: MetricDimension): DimensionShape {
  return { Name: name, Value: value }
}

/** The series that a request means; undefined for a metric that there is none of. */
export function toSeries(
  namespace: string | undefined,
  metricName: string | undefined,
  dimensions: readonly DimensionShape[] = [],
): MetricSeries | undefined {
  if (metricName === undefined || !isMetric(metricName) || namespace !== namespaceOf(metricName))
    return undefined
  const sorted = dimensions.map(toDimension).sort((left, right) => (left.name < right.name ? -1 : 1))
  return { metric: metricName, dimensions: sorted }
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRIC_UNITS, name)
}

/**
 * The cursor inside a continuation token.
 *
 * @throws {MetricQueryError} `NEXT_TOKEN_INVALID`.
 */
export async function readNextToken(
  pageTokens: PageTokens,
  scope: ListScope,
  token: string | undefined,
): Promise<string | undefined> {
  try {
    return await pageTokens.read(scope, token)
  } catch (cause) {
    const fault = 'NextToken does not belong to this operation and these arguments'
    throw new MetricQueryError('NEXT_TOKEN_INVALID', fault, { cause })
  }
}
