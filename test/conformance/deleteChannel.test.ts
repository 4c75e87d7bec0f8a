import {
  CreateChannelCommand,
  DeleteChannelCommand,
  GetChannelCommand,
  GetStreamKeyCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const remove = (arn: string | undefined) => api.client.send(new DeleteChannelCommand({ arn }))

test('answers 204 and takes the stream key away with the channel', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  const arn = channel?.arn ?? ''
  expect((await remove(arn)).$metadata.httpStatusCode).toBe(204)
  await expectRefusal(api.client.send(new GetChannelCommand({ arn })), notFound(arn))
  const keyArn = streamKey?.arn ?? ''
  await expectRefusal(api.client.send(new GetStreamKeyCommand({ arn: keyArn })), notFound(keyArn))
  await expectRefusal(remove(arn), notFound(arn))
})

test('makes room in the quota', async () => {
  await using small = await startApi({ channels: 1, streamKeysPerChannel: 1 })
  const { channel } = await small.client.send(new CreateChannelCommand({}))
  await small.client.send(new DeleteChannelCommand({ arn: channel?.arn }))
  expect((await small.client.send(new CreateChannelCommand({}))).channel).toBeDefined()
})

test('refuses a channel that a publisher holds with 409', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  api.holdChannel(channel?.arn ?? '')
  await expectRefusal(remove(channel?.arn), { name: 'ConflictException', status: 409, says: 'is live' })
  expect((await api.client.send(new GetChannelCommand({ arn: channel?.arn }))).channel).toEqual(channel)
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(remove(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(remove(undefined), invalid('arn is required'))
})
