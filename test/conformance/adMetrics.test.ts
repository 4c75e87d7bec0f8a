/**
 * Metrics of ads, as an unmodified CloudWatch client reads them (reference ssai §3.9).
 */
import { GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMetrics } from './metrics-fixture.ts'
import type { MetricsFixture } from './metrics-fixture.ts'

const CONFIGURATION = { ConfigurationName: 'sports' }
const DOMAIN = { AdTrackingDomain: 'ads.test', ...CONFIGURATION }

let api: MetricsFixture
beforeAll(async () => {
  api = await startMetrics()
  api.write('Avail.FillRate', CONFIGURATION, [1, 0.5])
  api.write('Avail.Impression.Fired', DOMAIN, [1, 1, 1])
  api.write('IngestBitrate', {}, [1])
})
afterAll(() => api[Symbol.asyncDispose]())

async function valuesOf(
  Namespace: string,
  MetricName: string,
  dimensions: Readonly<Record<string, string>>,
  Stat: string,
): Promise<readonly number[]> {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  const nowMs = api.clock.nowMs()
  const { MetricDataResults } = await api.metrics.send(
    new GetMetricDataCommand({
      MetricDataQueries: [
        { Id: 'm', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 3600, Stat } },
      ],
      StartTime: new Date(nowMs - 600_000),
      EndTime: new Date(nowMs + 60_000),
    }),
  )
  return MetricDataResults?.[0]?.Values ?? []
}

test('fill rates are those of all breaks of a configuration', async () => {
  expect(await valuesOf('AWS/MediaTailor', 'Avail.FillRate', CONFIGURATION, 'Average')).toEqual([0.75])
})

test('beacons are counted by the host they went to', async () => {
  expect(await valuesOf('AWS/MediaTailor', 'Avail.Impression.Fired', DOMAIN, 'Sum')).toEqual([3])
})

test('a metric is in its own namespace alone', async () => {
  expect(await valuesOf('AWS/IVS', 'Avail.FillRate', CONFIGURATION, 'Average')).toEqual([])
  expect(await valuesOf('AWS/MediaTailor', 'IngestBitrate', {}, 'Average')).toEqual([])
})

test('the namespace lists the metrics of ads and no others', async () => {
  const { Metrics } = await api.metrics.send(new ListMetricsCommand({ Namespace: 'AWS/MediaTailor' }))
  expect(Metrics).toEqual([
    {
      Namespace: 'AWS/MediaTailor',
      MetricName: 'Avail.FillRate',
      Dimensions: [{ Name: 'ConfigurationName', Value: 'sports' }],
    },
    {
      Namespace: 'AWS/MediaTailor',
      MetricName: 'Avail.Impression.Fired',
      Dimensions: [
        { Name: 'AdTrackingDomain', Value: 'ads.test' },
        { Name: 'ConfigurationName', Value: 'sports' },
      ],
    },
  ])
})
