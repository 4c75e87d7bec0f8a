import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import type { ListMetricsCommandInput } from '@aws-sdk/client-cloudwatch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHUNK_MS } from '../../src/metrics/sample-series.ts'
import { RETENTION_MS } from '../../src/metrics/metric-store.ts'
import { startMetrics } from './metrics-fixture.ts'
import type { MetricsFixture } from './metrics-fixture.ts'

let api: MetricsFixture
beforeAll(async () => {
  api = await startMetrics()
  api.write('IngestBitrate', {}, [1])
  api.write('IngestBitrate', { Channel: 'aaaaaaaaaaaa' }, [1])
  api.write('IngestFramerate', { Channel: 'aaaaaaaaaaaa', Track: 'Track0' }, [1])
  api.write('IngestFramerate', { Channel: 'bbbbbbbbbbbb' }, [1])
  api.write('IngestBitrate', { Channel: 'theirs' }, [1], '210987654321')
})
afterAll(() => api[Symbol.asyncDispose]())

async function list(input: ListMetricsCommandInput): Promise<readonly string[]> {
  const { Metrics = [] } = await api.metrics.send(new ListMetricsCommand(input))
  expect(Metrics.every(({ Namespace }) => Namespace === 'AWS/IVS')).toBe(true)
  return Metrics.map(({ MetricName, Dimensions = [] }) =>
    [MetricName, ...Dimensions.map(({ Name, Value }) => `${Name ?? ''}=${Value ?? ''}`)].join(' '),
  )
}

const ALL = [
  'IngestBitrate',
  'IngestBitrate Channel=aaaaaaaaaaaa',
  'IngestFramerate Channel=aaaaaaaaaaaa Track=Track0',
  'IngestFramerate Channel=bbbbbbbbbbbb',
]

test('lists what there are values of, and nothing of another account', async () => {
  expect(await list({})).toEqual(ALL)
  expect(await list({ Namespace: 'AWS/IVS', RecentlyActive: 'PT3H' })).toEqual(ALL)
})

test.each<[ListMetricsCommandInput, readonly string[]]>([
  [{ MetricName: 'IngestFramerate' }, ALL.slice(2)],
  [{ Dimensions: [{ Name: 'Channel' }] }, ALL.slice(1)],
  [{ Dimensions: [{ Name: 'Channel', Value: 'bbbbbbbbbbbb' }] }, ALL.slice(3)],
  [{ Dimensions: [{ Name: 'Channel' }, { Name: 'Track', Value: 'Track0' }] }, ALL.slice(2, 3)],
  [
    { Dimensions: [{ Name: 'Channel', Value: 'arn:aws:ivs:us-west-2:123456789012:channel/bbbbbbbbbbbb' }] },
    ALL.slice(3),
  ],
  [{ Namespace: 'AWS/EC2' }, []],
  [{ MetricName: 'Nothing' }, []],
])('filters by %j', async (input, expected) => {
  expect(await list(input)).toEqual(expected)
})

test('shows 500 a page', async () => {
  await using other = await startMetrics()
  for (let index = 0; index < 501; index++) other.write('IngestBitrate', { Channel: `c${1000 + index}` }, [1])
  const first = await other.metrics.send(new ListMetricsCommand({}))
  expect(first.Metrics).toHaveLength(500)
  const rest = await other.metrics.send(new ListMetricsCommand({ NextToken: first.NextToken }))
  expect(rest.Metrics?.map(({ Dimensions }) => Dimensions?.[0]?.Value)).toEqual(['c1500'])
  expect(rest.NextToken).toBeUndefined()
})

test('a token of other arguments is invalid', async () => {
  await expect(
    api.metrics.send(new ListMetricsCommand({ NextToken: 'abcd', MetricName: 'IngestBitrate' })),
  ).rejects.toMatchObject({ name: 'InvalidNextToken', $metadata: { httpStatusCode: 400 } })
})

test('what had no value for three hours is not listed', async () => {
  await using other = await startMetrics()
  other.write('IngestBitrate', {}, [1])
  other.clock.advance(RETENTION_MS + CHUNK_MS)
  expect((await other.metrics.send(new ListMetricsCommand({}))).Metrics).toEqual([])
})
