import { CreateChannelCommand, GetStreamCommand, StopStreamCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const stop = (channelArn: string | undefined) => api.client.send(new StopStreamCommand({ channelArn }))

test('ends what is live, and then there is nothing to end', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const channelArn = channel?.arn ?? ''
  api.goLive(channelArn)
  const { $metadata, ...answer } = await stop(channelArn)
  expect([$metadata.httpStatusCode, answer]).toEqual([200, {}])
  expect(api.stopped).toContain(channelArn)
  const offline = { name: 'ChannelNotBroadcasting', status: 404, says: 'is not currently online' }
  await expectRefusal(api.client.send(new GetStreamCommand({ channelArn })), offline)
  await expectRefusal(stop(channelArn), offline)
})

test('ends a broadcast that no player can see yet', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  api.holdChannel(channel?.arn ?? '')
  await stop(channel?.arn)
  expect(api.stopped).toContain(channel?.arn)
})

test('refuses a channel that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(stop(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(stop(undefined), invalid('channelArn is required'))
})
