/**
 * The part of Amazon CloudWatch that reads metrics, for the namespaces `AWS/IVS` and `AWS/MediaTailor`.
 */
import type { TargetService } from '../aws/target-service.ts'
import { getMetricData } from './getMetricData.ts'
import { listMetrics } from './listMetrics.ts'
import type { MetricServices } from './metric-members.ts'
import { toMetricError } from './metric-query-error.ts'

/** Name of the service in the scope of a signature. */
export const METRIC_SERVICE = 'monitoring'

/** Makes the service. */
export function createMetricService(services: MetricServices): TargetService {
  return {
    targetPrefix: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    shapeNamespace: 'com.amazonaws.cloudwatch',
    operations: [getMetricData(services), listMetrics(services)],
    toError: toMetricError,
  }
}
