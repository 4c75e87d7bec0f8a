import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANY_AUTHORIZATION } from './api-fixture.ts'
import { startMetrics } from './metrics-fixture.ts'
import type { MetricsFixture } from './metrics-fixture.ts'

let api: MetricsFixture
beforeAll(async () => {
  api = await startMetrics()
  api.write('IngestBitrate', { Channel: 'aaaaaaaaaaaa' }, [1000, 2500])
})
afterAll(() => api[Symbol.asyncDispose]())

async function send(form: Readonly<Record<string, string>>) {
  const answer = await fetch(api.url, {
    method: 'POST',
    headers: { authorization: ANY_AUTHORIZATION },
    body: new URLSearchParams({ Version: '2010-08-01', ...form }),
  })
  const { status, headers } = answer
  const text = (await answer.text()).replaceAll(headers.get('x-amzn-requestid') ?? '?', 'ID')
  return { status, type: headers.get('content-type'), text }
}

const document = (...lines: readonly string[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', lines.join(''), ''].join('\n')
const XMLNS = 'xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"'

test('ListMetrics is answered in XML', async () => {
  expect(await send({ Action: 'ListMetrics', 'Dimensions.member.1.Name': 'Channel' })).toEqual({
    status: 200,
    type: 'text/xml',
    text: document(
      `<ListMetricsResponse ${XMLNS}><ListMetricsResult><Metrics><member>`,
      '<Namespace>AWS/IVS</Namespace><MetricName>IngestBitrate</MetricName><Dimensions><member>',
      '<Name>Channel</Name><Value>aaaaaaaaaaaa</Value></member></Dimensions></member></Metrics>',
      '</ListMetricsResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></ListMetricsResponse>',
    ),
  })
})

test('GetMetricData takes numbers and times as a form writes them', async () => {
  const query = 'MetricDataQueries.member.1'
  const answer = await send({
    Action: 'GetMetricData',
    StartTime: '2026-01-01T00:00:00Z',
    EndTime: '2026-01-01T00:01:00Z',
    ScanBy: 'TimestampAscending',
    [`${query}.Id`]: 'm1',
    [`${query}.MetricStat.Stat`]: 'Maximum',
    [`${query}.MetricStat.Period`]: '1',
    [`${query}.MetricStat.Metric.Namespace`]: 'AWS/IVS',
    [`${query}.MetricStat.Metric.MetricName`]: 'IngestBitrate',
    [`${query}.MetricStat.Metric.Dimensions.member.1.Name`]: 'Channel',
    [`${query}.MetricStat.Metric.Dimensions.member.1.Value`]: 'aaaaaaaaaaaa',
  })
  expect(answer.text).toBe(
    document(
      `<GetMetricDataResponse ${XMLNS}><GetMetricDataResult><MetricDataResults><member>`,
      '<Id>m1</Id><Label>IngestBitrate</Label><Timestamps><member>2026-01-01T00:00:00.000Z</member>',
      '<member>2026-01-01T00:00:01.000Z</member></Timestamps><Values><member>1000</member>',
      '<member>2500</member></Values><StatusCode>Complete</StatusCode></member></MetricDataResults>',
      '<Messages></Messages></GetMetricDataResult><ResponseMetadata><RequestId>ID</RequestId>',
      '</ResponseMetadata></GetMetricDataResponse>',
    ),
  )
})

test('errors have the codes of the protocol', async () => {
  expect(await send({ Action: 'GetMetricData', StartTime: 'soon' })).toEqual({
    status: 400,
    type: 'text/xml',
    text: document(
      `<ErrorResponse ${XMLNS}><Error><Type>Sender</Type><Code>InvalidParameterValue</Code>`,
      '<Message>MetricDataQueries is required</Message></Error><RequestId>ID</RequestId></ErrorResponse>',
    ),
  })
  expect(await send({ Action: 'PutMetricData' })).toMatchObject({
    status: 404,
    text: expect.stringContaining('<Code>UnknownOperationException</Code>') as string,
  })
})

test('a POST to / that names no operation of the service is an unknown operation', async () => {
  for (const headers of [{}, { 'x-amz-target': 'Other.ListMetrics' }]) {
    const answer = await api.post('/', '{}', headers)
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'UnknownOperationException',
    ])
  }
})

test('a body over the limit and one that is not JSON are refused in the form of the service', async () => {
  const target = { 'x-amz-target': 'GraniteServiceVersion20100801.ListMetrics' }
  const large = await api.post('/', `"${'x'.repeat(300_000)}"`, target)
  expect([large.status, large.headers.get('x-amzn-errortype')]).toEqual([
    413,
    'RequestEntityTooLargeException',
  ])
  const broken = await api.post('/', '{', target)
  expect([broken.status, await broken.json()]).toEqual([
    400,
    { __type: 'InvalidParameterValueException', message: 'the body must be JSON in UTF-8' },
  ])
  expect(broken.headers.get('x-amzn-query-error')).toBe('InvalidParameterValue;Sender')
})
