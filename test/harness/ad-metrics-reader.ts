/**
 * Metrics of ads as an unmodified CloudWatch client reads them: of one configuration, over the last hour.
 */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type Dimension,
} from '@aws-sdk/client-cloudwatch'
import { AD_METRIC_UNITS, isAdMetric } from '../../src/domain/ad-metrics.ts'

/** What a series came to. */
export type MetricTotal = { readonly count: number; readonly sum: number }

/** A client; `using` ends it. */
export type AdMetricsReader = Disposable & {
  /**
   * Every series of the configuration, asked for with its unit, by its name: the metric, and after an `@` the domain if
   * it has one.
   */
  readonly totals: () => Promise<Readonly<Record<string, MetricTotal>>>
}

type Series = { readonly name: string; readonly metric: string; readonly dimensions: readonly Dimension[] }

const Namespace = 'AWS/MediaTailor'
const HOUR_S = 3600

/** A client for the metrics of `configurationName` on the server at `endpoint`. */
export function adMetricsReader(endpoint: string, configurationName: string): AdMetricsReader {
  const client = new CloudWatchClient({
    endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })

  async function series(): Promise<readonly Series[]> {
    const configuration = { Name: 'ConfigurationName', Value: configurationName }
    const list = new ListMetricsCommand({ Namespace, Dimensions: [configuration] })
    const { Metrics = [] } = await client.send(list)
    return Metrics.map(({ MetricName = '', Dimensions = [] }) => {
      const domain = Dimensions.find(({ Name }) => Name === 'AdTrackingDomain')?.Value
      const name = domain === undefined ? MetricName : `${MetricName}@${domain}`
      return { name, metric: MetricName, dimensions: Dimensions }
    })
  }

  /** Of all series at once: sums in one half of the queries, counts in the other. */
  async function totals(): Promise<Readonly<Record<string, MetricTotal>>> {
    const all = await series()
    const queries = (Stat: string) =>
      all.map(({ metric, dimensions }, index) => ({
        Id: `${Stat.toLowerCase()}${index}`,
        MetricStat: {
          Metric: { Namespace, MetricName: metric, Dimensions: [...dimensions] },
          Period: HOUR_S,
          Stat,
          ...(isAdMetric(metric) && { Unit: AD_METRIC_UNITS[metric] }),
        },
      }))
    const nowMs = Date.now()
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [...queries('Sum'), ...queries('SampleCount')],
        StartTime: new Date(nowMs - HOUR_S * 1000),
        EndTime: new Date(nowMs + 60_000),
      }),
    )
    const valueOf = (id: string): number => {
      const { Values = [] } = MetricDataResults.find(({ Id }) => Id === id) ?? {}
      return Values.reduce((total, value) => total + value, 0)
    }
    return Object.fromEntries(
      all.map(({ name }, index) => [
        name,
        { count: valueOf(`samplecount${index}`), sum: valueOf(`sum${index}`) },
      ]),
    )
  }

  return {
    totals,
    [Symbol.dispose]: () => client.destroy(),
  }
}
