/**
 * Smithy RPC v2 with CBOR, as the clients of several languages speak it, here that of the JavaScript SDK.
 */
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { cbor, SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANY_AUTHORIZATION, REGION } from './api-fixture.ts'
import { startMetrics } from './metrics-fixture.ts'
import type { MetricsFixture } from './metrics-fixture.ts'

const KEY = { id: 'AKIDEXAMPLE', secret: 'cbor/secret', account: '000000000000' }
const PATH = '/service/GraniteServiceVersion20100801/operation'

let open: MetricsFixture
let guarded: MetricsFixture
let client: CloudWatchClient
beforeAll(async () => {
  ;[open, guarded] = await Promise.all([startMetrics(), startMetrics([KEY])])
  // Clients sign by the real time.
  guarded.clock.advance(Math.ceil(Date.now() / 1000) * 1000 - guarded.clock.nowMs())
  guarded.write('IngestBitrate', { Channel: 'aaaaaaaaaaaa' }, [1000.5, 2500], KEY.account)
  client = new CloudWatchClient({
    endpoint: guarded.url,
    region: REGION,
    credentials: { accessKeyId: KEY.id, secretAccessKey: KEY.secret },
    maxAttempts: 1,
    protocol: SmithyRpcV2CborProtocol,
  })
})
afterAll(async () => {
  client.destroy()
  await Promise.all([open[Symbol.asyncDispose](), guarded[Symbol.asyncDispose]()])
})

const Dimensions = [{ Name: 'Channel', Value: 'aaaaaaaaaaaa' }]
const Metric = { Namespace: 'AWS/IVS', MetricName: 'IngestBitrate', Dimensions }

test('the client lists metrics and gets their values, signed', async () => {
  expect((await client.send(new ListMetricsCommand({ Dimensions }))).Metrics).toEqual([Metric])
  const nowMs = guarded.clock.nowMs()
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 1, Stat: 'Average' } }],
      StartTime: new Date(nowMs - 10_500),
      EndTime: new Date(nowMs),
    }),
  )
  expect(MetricDataResults).toEqual([
    {
      Id: 'm',
      Label: 'IngestBitrate',
      Timestamps: [new Date(nowMs - 1000), new Date(nowMs - 2000)],
      Values: [2500, 1000.5],
      StatusCode: 'Complete',
    },
  ])
})

test('the client reads errors by the names of the service', async () => {
  const none = { MetricDataQueries: [], StartTime: new Date(0), EndTime: new Date(1000) }
  await expect(client.send(new GetMetricDataCommand(none))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'MetricDataQueries must have at least 1 items',
    $metadata: { httpStatusCode: 400 },
  })
})

async function post(operation: string, body: Uint8Array<ArrayBuffer>, service = PATH) {
  const answer = await fetch(new URL(`${service}/${operation}`, open.url), {
    method: 'POST',
    headers: { authorization: ANY_AUTHORIZATION, 'smithy-protocol': 'rpc-v2-cbor' },
    body,
  })
  const { status, headers } = answer
  const content = cbor.deserialize(new Uint8Array(await answer.arrayBuffer())) as unknown
  return { status, content, protocol: headers.get('smithy-protocol'), type: headers.get('content-type') }
}

test('an answer names its protocol, and an error its shape', async () => {
  const form = { protocol: 'rpc-v2-cbor', type: 'application/cbor' }
  const nothing = cbor.serialize({}) as Uint8Array<ArrayBuffer>
  expect(await post('ListMetrics', nothing)).toEqual({ ...form, status: 200, content: { Metrics: [] } })
  expect(await post('PutMetricData', nothing)).toMatchObject({ ...form, status: 404 })
  expect(await post('ListMetrics', nothing, '/service/Other/operation')).toMatchObject({ status: 404 })
  expect(await post('ListMetrics', Buffer.from('{}'))).toEqual({
    ...form,
    status: 400,
    content: {
      __type: 'com.amazonaws.cloudwatch#InvalidParameterValueException',
      message: 'the body must be CBOR',
    },
  })
})
