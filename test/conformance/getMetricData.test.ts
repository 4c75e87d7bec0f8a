import { CloudWatchServiceException, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { GetMetricDataCommandInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { metricsClient, startMetrics } from './metrics-fixture.ts'
import type { MetricsFixture } from './metrics-fixture.ts'

const CHANNEL = 'aaaaaaaaaaaa'
/** The fixture's clock begins with a full day. */
const T0 = Date.UTC(2026, 0, 1)
const at = (seconds: number): Date => new Date(T0 + seconds * 1000)

let api: MetricsFixture
beforeAll(async () => {
  api = await startMetrics()
  api.write('IngestBitrate', { Channel: CHANNEL }, [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 0])
})
afterAll(() => api[Symbol.asyncDispose]())

function query(Stat = 'Average', Period = 5, more: Partial<MetricDataQuery> = {}): MetricDataQuery {
  const Dimensions = [{ Name: 'Channel', Value: CHANNEL }]
  const Metric = { Namespace: 'AWS/IVS', MetricName: 'IngestBitrate', Dimensions }
  return { Id: 'm1', MetricStat: { Metric, Period, Stat }, ...more }
}

async function get(queries: MetricDataQuery[], more: Partial<GetMetricDataCommandInput> = {}) {
  const input = { MetricDataQueries: queries, StartTime: at(0), EndTime: at(10), ...more }
  const { MetricDataResults = [], NextToken } = await api.metrics.send(new GetMetricDataCommand(input))
  return { results: MetricDataResults, NextToken }
}

async function values(asked: MetricDataQuery, more?: Partial<GetMetricDataCommandInput>) {
  const { results } = await get([asked], { ScanBy: 'TimestampAscending', ...more })
  return results[0]?.Values
}

test('shows the newest values first, each at the beginning of its period', async () => {
  const { results, NextToken } = await get([query()])
  expect(results).toEqual([
    {
      Id: 'm1',
      Label: 'IngestBitrate',
      Timestamps: [at(5), at(0)],
      Values: [6000, 3000],
      StatusCode: 'Complete',
    },
  ])
  expect(NextToken).toBeUndefined()
})

test.each([
  ['Average', [3000, 6000]],
  ['Sum', [15_000, 30_000]],
  ['Minimum', [1000, 0]],
  ['Maximum', [5000, 9000]],
  ['SampleCount', [5, 5]],
  ['p50', [3000, 7000]],
  ['p99', [5000, 9000]],
  ['TM(20%:80%)', [3000, 7000]],
])('knows the statistic %s', async (stat, expected) => {
  expect(await values(query(stat))).toEqual(expected)
})

test('has a value each second, and puts them together to any documented period', async () => {
  expect(await values(query('Average', 1))).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 0])
  expect(await values(query('Average', 60))).toEqual([4500])
  expect(await values(query('Average', 1), { StartTime: at(2), EndTime: at(4) })).toEqual([3000, 4000])
})

test('a value does not depend on where in a period the question begins and ends', async () => {
  expect(await values(query(), { StartTime: at(3), EndTime: at(6) })).toEqual([3000, 6000])
})

test('a channel may be named by its ARN, a metric be given a label, and left out of the answer', async () => {
  const arn = `arn:aws:ivs:us-west-2:123456789012:channel/${CHANNEL}`
  const Metric = {
    Namespace: 'AWS/IVS',
    MetricName: 'IngestBitrate',
    Dimensions: [{ Name: 'Channel', Value: arn }],
  }
  const { results } = await get([
    query('Sum', 60, { Label: 'mine', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }),
    query('Sum', 60, { Id: 'm2', ReturnData: false }),
  ])
  expect(results).toMatchObject([{ Id: 'm1', Label: 'mine', Values: [45_000] }])
})

test.each<[string, Partial<NonNullable<MetricDataQuery['MetricStat']>>]>([
  ['another namespace', { Metric: { Namespace: 'AWS/EC2', MetricName: 'IngestBitrate' } }],
  ['a metric that there is none of', { Metric: { Namespace: 'AWS/IVS', MetricName: 'toString' } }],
  ['a series without values', { Metric: { Namespace: 'AWS/IVS', MetricName: 'ConcurrentViews' } }],
  ['another unit', { Unit: 'Count' }],
])('%s has no values', async (_what, change) => {
  const asked = query()
  const { results } = await get([{ ...asked, MetricStat: { ...asked.MetricStat, ...change } as never }])
  expect(results).toMatchObject([{ Timestamps: [], Values: [], StatusCode: 'Complete' }])
})

test('the right unit has values', async () => {
  const asked = query('Average', 60)
  const MetricStat = { ...asked.MetricStat, Unit: 'Bits/Second' } as MetricDataQuery['MetricStat']
  expect(await values({ ...asked, MetricStat })).toEqual([4500])
})

test('pages show every value once, in both directions', async () => {
  for (const ScanBy of ['TimestampAscending', 'TimestampDescending'] as const) {
    const queries = [query('Sum', 1), query('Sum', 5, { Id: 'm2' })]
    const seen: string[] = []
    let NextToken: string | undefined
    let pages = 0
    do {
      const page = await get(queries, { ScanBy, MaxDatapoints: 5, NextToken })
      for (const { Id = '', Timestamps = [], StatusCode } of page.results) {
        seen.push(...Timestamps.map((time) => `${Id} ${(time.getTime() - T0) / 1000}`))
        expect(StatusCode).toBe(Id === 'm1' && seen.length < 10 ? 'PartialData' : 'Complete')
      }
      NextToken = page.NextToken
      pages++
    } while (NextToken !== undefined)
    const seconds = Array.from({ length: 10 }, (_, second) => `m1 ${second}`)
    const both = [seconds, ['m2 0', 'm2 5']]
    const ordered = ScanBy === 'TimestampAscending' ? both : both.map((list) => list.toReversed())
    expect(seen).toEqual(ordered.flat())
    expect(pages).toBe(3)
  }
})

test.each<{ says: string; queries?: MetricDataQuery[]; more?: Partial<GetMetricDataCommandInput> }>([
  { says: 'MetricDataQueries must have at least 1 items', queries: [] },
  { says: 'MetricDataQueries is required', more: { MetricDataQueries: undefined } },
  { says: 'MetricDataQueries[0].Id must match', queries: [query('Sum', 5, { Id: 'Upper' })] },
  { says: 'MetricDataQueries[1].Id must not be that of another query', queries: [query(), query()] },
  { says: 'MetricDataQueries[0].MetricStat is required', queries: [{ Id: 'a' }] },
  {
    says: 'MetricDataQueries[0].Expression is not supported',
    queries: [{ Id: 'a', Expression: 'SUM(METRICS())' }],
  },
  { says: 'MetricDataQueries[0].MetricStat.Stat is not a statistic', queries: [query('p101')] },
  { says: 'MetricDataQueries[0].MetricStat.Period must be 1, 5, 10, 20, 30', queries: [query('Sum', 7)] },
  { says: 'MetricDataQueries[0].MetricStat.Period must be at least 1', queries: [query('Sum', 0)] },
  { says: 'StartTime must be before EndTime', more: { EndTime: at(0) } },
  { says: 'MaxDatapoints must be at most 100800', more: { MaxDatapoints: 100_801 } },
])('refuses with 400: $says', async ({ says, queries = [query()], more = {} }) => {
  const error = await get(queries, more).catch((reason: unknown) => reason)
  if (!(error instanceof CloudWatchServiceException)) throw new Error(String(error))
  expect([error.name, error.$metadata.httpStatusCode]).toEqual(['InvalidParameterValueException', 400])
  expect(error.message.slice(0, says.length)).toBe(says)
})

test('a token of other arguments is invalid', async () => {
  const { NextToken } = await get([query('Sum', 1)], { MaxDatapoints: 1 })
  const other = get([query('Sum', 5)], { MaxDatapoints: 1, NextToken })
  await expect(other).rejects.toMatchObject({ name: 'InvalidNextToken', $metadata: { httpStatusCode: 400 } })
})

test('signatures for another service, other keys and other accounts get nothing', async () => {
  const ours = { id: 'AKIDOURS', secret: 'our secret', account: '123456789012' }
  const theirs = { id: 'AKIDTHEIRS', secret: 'their secret', account: '210987654321' }
  await using server = await startMetrics([ours, theirs])
  const now = Date.now()
  server.clock.advance(now - server.clock.nowMs())
  server.write('IngestBitrate', { Channel: CHANNEL }, [5000])
  const input = { MetricDataQueries: [query('Sum', 60)], StartTime: new Date(now - 60_000) }
  const read = async (key: { id: string; secret: string }) => {
    const client = metricsClient(server, key)
    const answer = client.send(new GetMetricDataCommand({ ...input, EndTime: new Date(now + 60_000) }))
    return (await answer.finally(() => client.destroy())).MetricDataResults?.[0]?.Values
  }
  expect(await read(ours)).toEqual([5000])
  expect(await read(theirs)).toEqual([])
  await expect(read({ ...ours, secret: 'wrong' })).rejects.toMatchObject({
    name: 'InvalidSignatureException',
  })
  await expect(read({ ...ours, id: 'AKIDNOBODY' })).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  })
})

test('calls beyond the rate are throttled', async () => {
  await using server = await startMetrics([], { GetMetricData: 1 })
  const read = () =>
    server.metrics.send(
      new GetMetricDataCommand({ MetricDataQueries: [query()], StartTime: at(0), EndTime: at(1) }),
    )
  await read()
  await expect(read()).rejects.toMatchObject({ name: 'Throttling' })
})
