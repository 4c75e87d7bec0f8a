/**
 * The part of Amazon CloudWatch that reads metrics, for the namespace `AWS/IVS`.
 */
import type { MetricHistory } from '../../domain/metrics.ts'
import type { PageTokens } from '../aws/page-tokens.ts'
import type { TargetService } from '../aws/target-service.ts'
import { getMetricData } from './getMetricData.ts'
import { listMetrics } from './listMetrics.ts'
import { toMetricError } from './metric-query-error.ts'

/** Name of the service in the scope of a signature. */
export const METRIC_SERVICE = 'monitoring'

/** What its operations work with. */
export type MetricServices = { readonly history: MetricHistory; readonly pageTokens: PageTokens }

/** Makes the service. */
export function createMetricService(services: MetricServices): TargetService {
  return {
    targetPrefix: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    operations: [getMetricData(services), listMetrics(services)],
    toError: toMetricError,
  }
}
