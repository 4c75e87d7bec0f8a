import { CreateChannelCommand, GetStreamKeyCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, MISSING_STREAM_KEY_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = (arn: string | undefined) => api.client.send(new GetStreamKeyCommand({ arn }))

test('shows the key with its secret', async () => {
  const created = await api.client.send(new CreateChannelCommand({}))
  const { streamKey } = await get(created.streamKey?.arn)
  expect(streamKey).toEqual(created.streamKey)
})

test('refuses an ARN that nobody made, or of another account, with 404', async () => {
  const { streamKey } = await api.client.send(new CreateChannelCommand({}))
  const foreign = (streamKey?.arn ?? '').replace('123456789012', '210987654321')
  await expectRefusal(get(MISSING_STREAM_KEY_ARN), notFound(MISSING_STREAM_KEY_ARN))
  await expectRefusal(get(foreign), notFound(foreign))
})

test('refuses a missing ARN and one of another type with 400', async () => {
  await expectRefusal(get(undefined), invalid('arn is required'))
  await expectRefusal(get(MISSING_CHANNEL_ARN), invalid('arn must match'))
})
