import { GetChannelCommand, IvsClient, ListChannelsCommand, PutMetadataCommand } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import { mediaTailorOperations } from '../../src/api/mediatailor/mediatailor-operations.ts'
import { DEFAULT_CALL_RATES } from '../../src/domain/call-rates.ts'
import { MISSING_CHANNEL_ARN, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal } from './expect-refusal.ts'
import { makeChannel } from './resource-makers.ts'

const start = (rates = DEFAULT_CALL_RATES): Promise<ApiFixture> => startApi(undefined, [], rates)

const throttled = (says: string) => ({
  name: 'ThrottlingException',
  status: 429,
  // Not every operation models it.
  modelled: false as const,
  says,
})

test('every operation has a rate, and nothing else but what counts for each resource', () => {
  const memberRates = ivsOperations.flatMap(({ memberRate }) => memberRate?.rateName ?? [])
  const operations = [...ivsOperations, ...mediaTailorOperations].map(({ name }) => name)
  const names = [...new Set(operations), ...memberRates, 'GetMetricData', 'ListMetrics']
  expect(Object.keys(DEFAULT_CALL_RATES).sort()).toEqual(names.sort())
})

test('the call beyond the rate is refused, and one is allowed again as soon as its time has come', async () => {
  await using api = await start()
  const list = () => api.client.send(new ListChannelsCommand({}))
  for (let call = 0; call < 5; call++) await list()
  await expectRefusal(list(), throttled('more than 5 calls per second of ListChannels'))
  api.clock.advance(200)
  await list()
  await expectRefusal(list(), throttled(''))
})

test('requests that would be refused anyway count, and are throttled before they are looked at', async () => {
  await using api = await start({ GetChannel: 2 })
  const statuses = []
  for (const body of [JSON.stringify({ arn: MISSING_CHANNEL_ARN }), '{}', 'not JSON']) {
    statuses.push((await api.post('/GetChannel', body)).status)
  }
  expect(statuses).toEqual([404, 400, 429])
})

test('operations do not take from each other', async () => {
  await using api = await start({ ...DEFAULT_CALL_RATES, ListChannels: 1 })
  const list = () => api.client.send(new ListChannelsCommand({}))
  await list()
  await expectRefusal(list(), throttled(''))
  await makeChannel(api)
})

test('accounts do not take from each other', async () => {
  const keys = ['111111111111', '222222222222'].map((account) => ({
    id: `AKID${account}`,
    secret: `secret-of-${account}`,
    account,
  }))
  await using api = await startApi(undefined, keys, { ListChannels: 1 })
  // A client each time: one that was answered would go by the real time in the answer from then on.
  const list = async ({ id, secret }: { id: string; secret: string }) => {
    const client = new IvsClient({
      endpoint: api.url,
      region: REGION,
      credentials: { accessKeyId: id, secretAccessKey: secret },
      maxAttempts: 1,
      systemClockOffset: api.clock.nowMs() - Date.now(),
    })
    return client.send(new ListChannelsCommand({}))
  }
  for (const key of keys) {
    await list(key)
    await expectRefusal(list(key), throttled('ListChannels'))
  }
})

test('metadata has a rate for each channel and one for the account', async () => {
  await using api = await start({ PutMetadata: 8, PutMetadataPerChannel: 5 })
  const [first, second] = [await makeChannel(api), await makeChannel(api)]
  for (const channelArn of [first, second]) api.goLive(channelArn)
  const put = (channelArn: string) => api.client.send(new PutMetadataCommand({ channelArn, metadata: 'x' }))
  for (let call = 0; call < 5; call++) await put(first)
  await expectRefusal(put(first), throttled('more than 5 calls per second of PutMetadataPerChannel'))
  for (let call = 0; call < 2; call++) await put(second)
  await expectRefusal(put(second), throttled('more than 8 calls per second of PutMetadata;'))
  expect(api.metadata).toHaveLength(7)
})

test('the SDK tries a throttled call again by itself', async () => {
  await using api = await start({ ...DEFAULT_CALL_RATES, GetChannel: 1 })
  const arn = await makeChannel(api)
  const client = new IvsClient({
    endpoint: api.url,
    region: REGION,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'anything' },
    maxAttempts: 3,
  })
  // Only an answer that says no lets time go on, so that there is one.
  client.middlewareStack.add(
    (next) => (call) =>
      next(call).catch((error: unknown) => {
        api.clock.advance(1000)
        throw error
      }),
    { step: 'finalizeRequest', priority: 'low' },
  )
  await client.send(new GetChannelCommand({ arn }))
  const { channel, $metadata } = await client.send(new GetChannelCommand({ arn }))
  expect(channel?.arn).toBe(arn)
  expect($metadata.attempts).toBe(2)
})
